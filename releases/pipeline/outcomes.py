"""What a step can say when it is done, and how it asks to be run again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from releases.states import ReleaseState


@dataclass(frozen=True)
class Done:
    """The step is done. `to` is the release's next state, None to stay for the next step."""

    detail: str
    to: ReleaseState | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Moved:
    """AWS is not what was approved: a conflict, with what moved in words.

    `is_ours`: people did it through Sluice, so that nobody has to be looked for.
    """

    what: list[str]
    is_ours: bool = False


@dataclass(frozen=True)
class Failed:
    """The step cannot be done: AWS's name for the error, its message, and what to do."""

    name: str
    message: str
    advice: str
    fields: dict[str, Any] = field(default_factory=dict)


Outcome = Done | Moved | Failed


class Waiting(Exception):
    """AWS needs more time: run this step again later. The message says what is waited for."""
