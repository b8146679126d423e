"""How the history names what an event speaks of: copied, for it outlives the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from releases.models import (
    Artifact,
    Comment,
    Drift,
    Freeze,
    Hold,
    Intake,
    PolicyChange,
    Release,
    Rollback,
    Round,
    Version,
)

LONGEST_NAME = 200
Nameable = (
    Artifact | Comment | Drift | Freeze | Hold | Intake | PolicyChange | Release | Rollback | Round
    | User | Version
)  # fmt: skip


@dataclass(frozen=True)
class Named:
    """Something an event speaks of, as it was called then: `Named("version", 7, "42")`."""

    kind: str
    id: int | None
    name: str


@dataclass(frozen=True)
class Evidence:
    """What an event keeps besides its sentence; see the columns of AuditEvent."""

    about: Sequence[Named] = ()
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    aws_request_ids: Sequence[str] = ()


def named(*rows: Nameable | None) -> list[Named]:
    """These rows as they are called now; None, for what there is not, is left out."""
    return [_named(row) for row in rows if row is not None]


def named_version(number: int | str | None) -> list[Named]:
    """A version of AWS by its number alone: its row may not be there yet."""
    return [Named("version", None, str(number))] if number else []


def named_alias(name: str) -> list[Named]:
    return [Named("alias", None, name)] if name else []


def _named(row: Nameable) -> Named:
    kind, name = _kind_and_name(row)
    pk = None if isinstance(row, Intake) else row.pk
    return Named(kind, pk, name[:LONGEST_NAME])


def _kind_and_name(row: Nameable) -> tuple[str, str]:
    match row:
        case Artifact():
            return "artifact", row.sha256
        case Comment():
            return "comment", row.place or "the release"
        case Drift():
            return "drift", row.detail
        case Freeze():
            return "freeze", str(row)
        case Hold():
            return "hold", row.reason
        case Intake():
            return "intake", row.label
        case PolicyChange():
            return "policy change", f"{row.before} → {row.after}"
        case Release():
            return "release", row.reference
        case Rollback():
            return "rollback", f"v{row.from_version or '?'} → v{row.to_version}"
        case Round():
            return "round", str(row.number)
        case User():
            return "person", row.name
        case Version():
            return "version", str(row.number)
