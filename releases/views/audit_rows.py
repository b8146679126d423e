"""How events are shown, on every page alike: what one click caused folded, changes as rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from releases.models import AuditEvent
from releases.templatetags.lists import data_text

Kind = Literal["added", "removed", "changed", "same"]


@dataclass(frozen=True)
class Change:
    """What one setting was and became, as text."""

    name: str
    kind: Kind
    was: str
    became: str


@dataclass(frozen=True)
class Line:
    """The events of a page that one click caused, newest first.

    Most often it is one. `lead` is what the person did: all else followed from it.
    """

    events: list[AuditEvent]

    @property
    def lead(self) -> AuditEvent:
        return self.events[-1]

    @property
    def followed(self) -> list[AuditEvent]:
        """What followed, in the order in which it happened."""
        return self.events[-2::-1]


def lines(events: Iterable[AuditEvent], *, folded: bool = True) -> list[Line]:
    """`events`, newest first, as lines in the order of what began them.

    What others did between a click and its consequences stands beside it, not in it.
    """
    if not folded:
        return [Line([event]) for event in events]
    clicks: dict[uuid.UUID, list[AuditEvent]] = {}
    for event in reversed(list(events)):
        clicks.setdefault(event.request_id, []).append(event)
    return [Line(group[::-1]) for group in reversed(clicks.values())]


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """By name, what changed first."""
    was, became = before or {}, after or {}
    rows = [_change(name, was, became) for name in dict.fromkeys([*was, *became])]
    return sorted(rows, key=lambda row: row.kind == "same")


def _change(name: str, was: Mapping[str, Any], became: Mapping[str, Any]) -> Change:
    if name not in was:
        return Change(name, "added", "", data_text(became[name]))
    if name not in became:
        return Change(name, "removed", data_text(was[name]), "")
    kind: Kind = "same" if was[name] == became[name] else "changed"
    return Change(name, kind, data_text(was[name]), data_text(became[name]))
