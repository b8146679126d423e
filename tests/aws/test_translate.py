"""What botocore raises, and what it means for a read and for a write."""

from typing import Any

import pytest
from botocore import exceptions as boto
from botocore.exceptions import ClientError

from releases.aws import errors
from releases.aws.errors import AwsError
from releases.aws.translate import translate


def refusal(code: str, status: int, message: str = "No.", **extra: Any) -> ClientError:
    metadata = {"HTTPStatusCode": status, "RequestId": "r-1"}
    body: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata, **extra}
    return ClientError(body, "UpdateFunctionCode")


IN_PROGRESS = "The operation cannot be performed at this time. An update is in progress for: x"
PENDING = "The function is currently in the following state: Pending"


@pytest.mark.parametrize(
    ("code", "status", "message", "expected"),
    [
        ("TooManyRequestsException", 429, "Rate exceeded", errors.Throttled),
        ("ThrottlingException", 400, "", errors.Throttled),
        ("SlowDown", 503, "", errors.Throttled),
        ("ResourceConflictException", 409, IN_PROGRESS, errors.InProgress),
        ("ResourceConflictException", 409, PENDING, errors.InProgress),
        ("ResourceConflictException", 409, "Alias already exists: x", errors.AlreadyExists),
        ("ResourceConflictException", 409, "Something else", errors.Conflict),
        ("PreconditionFailedException", 412, "", errors.RevisionMismatch),
        ("ResourceNotFoundException", 404, "", errors.NotFound),
        ("ImageNotFoundException", 400, "", errors.NotFound),
        ("404", 404, "Not Found", errors.NotFound),
        ("CodeSigningConfigNotFoundException", 404, "", errors.Permanent),
        ("AccessDeniedException", 403, "", errors.AccessDenied),
        ("AccessDeniedException", 400, "", errors.AccessDenied),
        ("403", 403, "Forbidden", errors.AccessDenied),
        ("ExpiredTokenException", 403, "", errors.CredentialsProblem),
        ("UnrecognizedClientException", 403, "", errors.CredentialsProblem),
        ("InvalidSignatureException", 403, "", errors.CredentialsProblem),
        ("CodeStorageExceededException", 400, "", errors.Permanent),
        ("RequestEntityTooLargeException", 413, "", errors.Permanent),
        ("ValidationException", 400, "", errors.Permanent),
    ],
)
@pytest.mark.parametrize("is_write", [True, False])
def test_refusals_mean_the_same_for_reads_and_writes(
    code: str, status: int, message: str, expected: type[AwsError], is_write: bool
) -> None:
    error = translate(refusal(code, status, message), operation="X", is_write=is_write)
    assert type(error) is expected
    assert (error.name, error.http_status, error.request_id) == (code, status, "r-1")


LOST = [
    refusal("ServiceException", 500),
    refusal("ServiceUnavailable", 503),
    boto.ReadTimeoutError(endpoint_url="https://x"),
    boto.ConnectionClosedError(endpoint_url="https://x"),
    boto.HTTPClientError(error="broken"),
    boto.SSLError(endpoint_url="https://x", error=OSError("EOF occurred")),
]


@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
def test_lost_write_may_have_been_done_and_a_lost_read_is_asked_again(error: Exception) -> None:
    assert type(translate(error, operation="X", is_write=True)) is errors.OutcomeUnknown
    assert type(translate(error, operation="X", is_write=False)) is errors.Unavailable


NEVER_SENT = [
    (boto.EndpointConnectionError(endpoint_url="https://x"), errors.Unreachable),
    (boto.ConnectTimeoutError(endpoint_url="https://x"), errors.Unreachable),
    (boto.ProxyConnectionError(proxy_url="https://x"), errors.Unreachable),
    (
        boto.SSLError(endpoint_url="https://x", error=OSError("[SSL: CERTIFICATE_VERIFY_FAILED]")),
        errors.Unreachable,
    ),
    (boto.NoCredentialsError(), errors.CredentialsProblem),
    (boto.CredentialRetrievalError(provider="x", error_msg="y"), errors.CredentialsProblem),
    (boto.ProfileNotFound(profile="x"), errors.CredentialsProblem),
    (boto.ParamValidationError(report="bad"), errors.Permanent),
    (boto.InvalidRegionError(region_name="-"), errors.Permanent),
]


@pytest.mark.parametrize(
    ("error", "expected"), NEVER_SENT, ids=lambda value: getattr(value, "__name__", None)
)
def test_write_that_was_never_sent_is_not_in_doubt(
    error: Exception, expected: type[AwsError]
) -> None:
    assert type(translate(error, operation="X", is_write=True)) is expected


def test_message_with_a_capital_is_found_where_botocore_left_it() -> None:
    error = translate(
        refusal("ResourceNotFoundException", 404, "", Message="Function not found: x"),
        operation="X",
        is_write=False,
    )
    assert error.message == "Function not found: x"


def test_request_that_aws_repeats_to_explain_a_bad_signature_is_cut_off() -> None:
    told = "The signature does not match.\n\nThe Canonical String was\nx-amz-security-token:SECRET"
    error = translate(refusal("InvalidSignatureException", 403, told), operation="X", is_write=True)
    assert str(error) == "InvalidSignatureException: The signature does not match."


def test_answer_without_any_words_gets_some() -> None:
    error = translate(refusal("", 403, ""), operation="X", is_write=False)
    assert str(error) == "AccessDenied: AWS answered 403 Forbidden and nothing else."
