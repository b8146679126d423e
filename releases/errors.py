"""The exceptions of Sluice's own rules.

SluiceError
├── Refused            a person asked for what may not be (403 or 409 with its sentence)
│   ├── NotAllowed         the policy says no
│   ├── StaleRelease       somebody or something moved the release first
│   ├── OnHold             nothing may change what the function's callers run
│   ├── UnderFreeze        the same, until a window closes
│   ├── StaleDrift         what drifted moved on, or somebody decided on it first
│   └── StalePerson        somebody else changed the person first
├── IllegalTransition  a move that the state table does not have: a bug, never a user's fault
├── InvalidInput       what a person entered cannot be used; names the field
└── LockLost           the function lock is gone; whoever held it writes nothing more

Errors of AWS are in `releases.aws.errors`, of packages in `releases.packages.errors`.
"""

from datetime import datetime


class SluiceError(Exception):
    """The root of Sluice's own errors; `str()` is a sentence that can be shown."""


class Refused(SluiceError):
    """What was asked for may not be done now; the message says why and what to do."""

    # Whether the history has the attempt already: it is written down once.
    is_recorded = False


class NotAllowed(Refused):
    """The policy refuses this person this action; `is_passing`: at this moment only."""

    def __init__(self, reason: str, *, is_passing: bool = False) -> None:
        super().__init__(reason)
        self.is_passing = is_passing


class StaleRelease(Refused):
    """The release was moved by somebody else since it was read."""


class OnHold(Refused):
    """The function is on hold; the message says by whom and why."""


class UnderFreeze(Refused):
    """A freeze keeps what callers run as it is, until `until`; the message says which and why."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class StaleDrift(Refused):
    """What drifted is not what the person saw, or is decided already."""


class StalePerson(Refused):
    """A person, their invitation or their code is not any more what the page showed."""


class InvalidInput(SluiceError):
    """A value that cannot be used. `field` is the name of the form field it belongs to."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class IllegalTransition(SluiceError):
    """The state table has no such move."""


class LockLost(SluiceError):
    """The advisory lock of a function is no longer held."""
