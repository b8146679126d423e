"""One call to AWS, the same way every time: guard, credentials, budget, record, send, translate."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from botocore import xform_name
from botocore.exceptions import ClientError

from releases.aws import budget, client
from releases.aws.errors import AwsError, CredentialsProblem, OutcomeUnknown, Permanent
from releases.aws.translate import CALL_ERRORS, translate, unreadable_answer
from releases.aws.types import Target

T = TypeVar("T")


class CallLog(Protocol):
    """Where calls are recorded. `request` is safe to show: no code, no environment values."""

    def sent(self, operation: str, request: Mapping[str, Any], *, is_write: bool) -> Any:
        """About to be sent; what this returns is given to one of the other three."""

    def answered(self, handle: Any, *, http_status: int, request_id: str) -> None: ...

    def refused(self, handle: Any, error: AwsError) -> None: ...

    def lost(self, handle: Any, error: AwsError) -> None:
        """A write whose outcome is not known."""


class Caller:
    """Makes calls for one target and records them."""

    def __init__(
        self,
        target: Target,
        *,
        log: CallLog,
        guard: Callable[[], None],
        before_write: Callable[[], None],
        urgent: bool,
    ) -> None:
        self.target = target
        self.settings = client.aws_settings()
        self._log = log
        self._guard = guard
        self._before_write = before_write
        self._urgent = urgent
        # AWS's own ids of what this caller asked, refusals included, in the order of the answers.
        self.request_ids: list[str] = []

    def call(
        self,
        service: client.ServiceName,
        operation: str,
        request: Mapping[str, Any],
        read: Callable[[Mapping[str, Any]], T],
        *,
        is_write: bool = False,
        sent_once: bool = False,
        summary: Mapping[str, Any] | None = None,
        secrets: Iterable[str] = (),
    ) -> T:
        """Send one request and `read` its answer. Raises AwsError.

        `sent_once` keeps botocore from repeating a call that changes nothing but is heavy.
        `summary` is recorded in place of a request that cannot be shown; `secrets` are taken out
        of what AWS says against it.
        """
        self._guard()
        send = self._method(service, operation, once=is_write or sent_once)
        if service in budget.COUNTED:
            budget.wait_for_turn(
                self.target, operation, urgent=self._urgent, settings=self.settings
            )
        if is_write:
            # Last of all: waiting for credentials and for the budget can take long.
            self._before_write()
        shown = request if summary is None else summary
        return self.record(
            operation, shown, lambda: send(**request), read, is_write=is_write, secrets=secrets
        )

    def record(
        self,
        operation: str,
        shown: Mapping[str, Any],
        send: Callable[[], Mapping[str, Any]],
        read: Callable[[Mapping[str, Any]], T],
        *,
        is_write: bool = False,
        secrets: Iterable[str] = (),
    ) -> T:
        """Do `send` between two records; errors are raised outside of botocore's own."""
        handle = self._log.sent(operation, shown, is_write=is_write)
        try:
            answer = send()
        except AwsError as error:
            failure = error
        except CALL_ERRORS as error:
            failure = translate(error, operation=operation, is_write=is_write)
        else:
            try:
                result = read(answer)
            except (AttributeError, LookupError, TypeError, ValueError):
                failure = unreadable_answer(operation, is_write=is_write)
            else:
                metadata = answer["ResponseMetadata"]
                request_id = metadata.get("RequestId", "")
                self._log.answered(
                    handle, http_status=metadata["HTTPStatusCode"], request_id=request_id
                )
                self._remember(request_id)
                return result
        failure.leave_out(secrets)
        self._remember(failure.request_id)
        if isinstance(failure, OutcomeUnknown):
            self._log.lost(handle, failure)
        else:
            self._log.refused(handle, failure)
        raise failure

    def _remember(self, request_id: str) -> None:
        if request_id:
            self.request_ids.append(request_id)

    def check(self) -> None:
        """For what is not sent through botocore: may a call be made now?"""
        self._guard()

    def _method(
        self, service: client.ServiceName, operation: str, *, once: bool
    ) -> Callable[..., Mapping[str, Any]]:
        """The client's method, with credentials at hand: until here nothing was sent."""
        try:
            client.refresh_credentials(self.target)
            found = client.client_for(self.target, service, is_write=once, urgent=self._urgent)
        except CALL_ERRORS as error:
            failure = self._no_way_in(error, operation)
        else:
            method: Callable[..., Mapping[str, Any]] = getattr(found, xform_name(operation))
            return method
        raise failure

    def _no_way_in(self, error: Exception, operation: str) -> AwsError:
        """A refusal on the way to credentials is never one of the operation itself."""
        at = getattr(error, "operation_name", operation)
        failure = translate(error, operation=at, is_write=False)
        if not isinstance(error, ClientError) or not isinstance(failure, Permanent):
            return failure
        message = failure.message
        if is_role := at == "AssumeRole" and not isinstance(failure, CredentialsProblem):
            message = f"AWS refuses the role {self.target.role_arn} ({failure.name}): {message}"
        return CredentialsProblem(
            message,
            name=at if is_role else failure.name,
            operation=at,
            http_status=failure.http_status,
            request_id=failure.request_id,
        )
