"""botocore's exceptions become Sluice's, decided once (facts W1-W4)."""

from http import HTTPStatus
from typing import Any

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from releases.aws import errors
from releases.aws.errors import AwsError

# What `translate` understands: catch these around a call.
CALL_ERRORS = (BotoCoreError, ClientError, ResponseParserError, HTTPError)

_THROTTLED = {
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "BandwidthLimitExceeded",
    "SlowDown",
}
_CREDENTIALS = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotSignedUp",
    "OptInRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
}
_NOT_FOUND = {"RepositoryNotFoundException", "ImageNotFoundException", "NotFoundException"}
_SERVER = {"ServiceException", "InternalFailure", "InternalError", "RequestTimeout"}
_RUNNING = ("in progress", "following state: pending", "cannot be performed at this time")

_NO_CREDENTIALS = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.NoAuthTokenError,
    boto.TokenRetrievalError,
    boto.MetadataRetrievalError,
    boto.ProfileNotFound,
    boto.ConfigNotFound,
    boto.ConfigParseError,
    boto.InvalidConfigError,
    boto.SSOError,
    boto.LoginError,
)
_NOT_SENT = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)
_NEVER_VALID = (
    boto.ParamValidationError,
    boto.ValidationError,
    boto.BaseEndpointResolverError,
    boto.EndpointProviderError,
    boto.UnknownServiceError,
    boto.InvalidProxiesConfigError,
)


def translate(error: Exception, *, operation: str, is_write: bool) -> AwsError:
    """The one place that decides what an error means for a read and for a write."""
    if isinstance(error, ClientError):
        return _answered(error, operation=operation, is_write=is_write)
    kind = _kind_of_failure(error, is_write=is_write)
    name = type(error).__name__
    return kind(_first_line(str(error)) or name, name=name, operation=operation)


def unreadable_answer(operation: str, *, is_write: bool) -> AwsError:
    """For a success whose body lacks what every such answer has: a proxy's page, for example."""
    message = "The answer is not one that AWS gives; something between may have replaced it."
    return _lost(is_write)(message, name="UnreadableAnswer", operation=operation)


def _answered(error: ClientError, *, operation: str, is_write: bool) -> AwsError:
    body: dict[str, Any] = dict(error.response.get("Error", {}))
    metadata = error.response.get("ResponseMetadata", {})
    name, status = str(body.get("Code", "")), metadata.get("HTTPStatusCode")
    # ResourceNotFound and its like spell the key with a capital (facts W2).
    message = body.get("Message") or error.response.get("Message") or _in_words(status)
    kind = _kind_of_answer(name, str(message), status, is_write=is_write)
    if kind is errors.CredentialsProblem:
        # AWS may repeat the request that it could not verify, session token included.
        message = _first_line(str(message))
    return kind(
        str(message),
        name=name or kind.__name__,
        operation=operation,
        http_status=status,
        request_id=metadata.get("RequestId", ""),
    )


def _kind_of_answer(
    name: str, message: str, status: int | None, *, is_write: bool
) -> type[AwsError]:
    if status == 429 or name in _THROTTLED or name.startswith("Throttl"):
        return errors.Throttled
    if status is None or status >= 500 or name in _SERVER:
        return _lost(is_write)
    if name in _CREDENTIALS:
        return errors.CredentialsProblem
    if status == 412:
        return errors.RevisionMismatch
    if status == 409:
        return _kind_of_conflict(message.lower())
    if name == "CodeSigningConfigNotFoundException":
        return errors.Permanent  # the function is there; what it refers to is not
    if status == 404 or name in _NOT_FOUND:
        return errors.NotFound
    if status in (401, 403) or name.startswith("AccessDenied"):
        return errors.AccessDenied
    return errors.Permanent


def _kind_of_conflict(message: str) -> type[AwsError]:
    if any(words in message for words in _RUNNING):
        return errors.InProgress
    return errors.AlreadyExists if "already exists" in message else errors.Conflict


def _kind_of_failure(error: Exception, *, is_write: bool) -> type[AwsError]:
    if isinstance(error, _NO_CREDENTIALS):
        return errors.CredentialsProblem
    if isinstance(error, _NOT_SENT):
        return errors.Unreachable
    if isinstance(error, boto.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return errors.Unreachable
    if isinstance(error, _NEVER_VALID):
        return errors.Permanent
    return _lost(is_write)


def _lost(is_write: bool) -> type[AwsError]:
    return errors.OutcomeUnknown if is_write else errors.Unavailable


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _in_words(status: int | None) -> str:
    if status in set(HTTPStatus):
        return f"AWS answered {status} {HTTPStatus(status).phrase} and nothing else."
    return f"AWS answered {status} and nothing else."
