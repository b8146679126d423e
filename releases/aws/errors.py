"""What went wrong at the boundary to AWS, in classes that say what may be done next.

AwsError
├── Retryable          nothing was changed: the same call may be made again later
│   ├── Throttled          too many calls, counted by AWS or by Sluice itself
│   ├── InProgress         an update of the function is running
│   ├── Unavailable        a read got no usable answer
│   └── Unreachable        no connection, so nothing was sent
├── Conflict           somebody else got there first
│   ├── RevisionMismatch   412: the RevisionId is not the latest
│   └── AlreadyExists
├── OutcomeUnknown     a write whose answer never came: it may have been done, look before acting
└── Permanent          the same call will be refused again
    ├── NotFound
    ├── AccessDenied
    └── CredentialsProblem
"""

from collections.abc import Iterable

from releases.aws.advice import advice_for

LEFT_OUT = "Its message is left out: it repeats an environment value that was sent."


class AwsError(Exception):
    """A call that did not succeed. `name` is the code as AWS gave it; `str()` may be shown."""

    def __init__(
        self,
        message: str,
        *,
        name: str = "",
        operation: str = "",
        http_status: int | None = None,
        request_id: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.name = name or type(self).__name__
        self.operation = operation
        self.http_status = http_status
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.name}: {self.message}"

    def leave_out(self, secrets: Iterable[str]) -> None:
        """Keep the message only if it repeats none of the values that were sent."""
        if any(secret in self.message for secret in secrets if secret):
            self.message = LEFT_OUT
            self.args = (LEFT_OUT,)

    @property
    def request_ids(self) -> list[str]:
        """AWS's id of the refused call, where it gave one."""
        return [self.request_id] if self.request_id else []

    @property
    def headline(self) -> str:
        """What happened, in a few words: not every error is a refusal."""
        return f"AWS refused: {self.name}"

    @property
    def advice(self) -> str:
        """What a person can do about it, in a sentence or two."""
        kinds = [kind.__name__ for kind in type(self).__mro__]
        return advice_for(self.name, kinds)


class Retryable(AwsError):
    """Nothing was changed; the same call may be made again later."""

    @property
    def headline(self) -> str:
        return f"Not now: {self.name}"


class Throttled(Retryable):
    """Too many calls (facts L2)."""


class InProgress(Retryable):
    """An update of the function is running, or it is still being created (facts C7, E7)."""


class Unavailable(Retryable):
    """A read that AWS failed to answer."""

    @property
    def headline(self) -> str:
        return "AWS did not answer"


class Unreachable(Retryable):
    """The endpoint could not be connected to: nothing was sent."""

    @property
    def headline(self) -> str:
        return "AWS could not be reached"


class Conflict(AwsError):
    """The resource is not in the state that the call needs."""


class RevisionMismatch(Conflict):
    """The RevisionId is no longer the latest one (facts B1)."""


class AlreadyExists(Conflict):
    """What should be created is there already (facts H7)."""


class OutcomeUnknown(AwsError):
    """A write that may or may not have been done: look before doing anything else."""

    @property
    def headline(self) -> str:
        return "AWS did not answer"


class Permanent(AwsError):
    """The same call would be refused again."""


class NotFound(Permanent):
    """The function, version, alias, object or image is not there."""


class AccessDenied(Permanent):
    """AWS knows who calls and does not allow it."""


class CredentialsProblem(Permanent):
    """Sluice has no usable credentials: missing, expired, invalid, or the role refuses it."""
