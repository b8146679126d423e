"""What a release changes for its callers, in one sentence: the same wherever it is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from releases.configuration import UNREADABLE, Row, rows
from releases.diff.summary import NOTHING

CODE_UNCHANGED = "code unchanged"
# Longer values would make a sentence that nobody reads; the table has them.
SHORT = 32


def summary(code: str, parts: dict[str, Any]) -> str:
    """`code` is the phrase for the files or the image, `parts` what the round reviews."""
    live = parts["baseline"].get("configuration")
    if live is None:
        return code
    candidate = parts["candidate"]["configuration"]
    if code != NOTHING:
        return difference(code, live, candidate)
    is_same = not any(row.differs for row in rows(live, candidate))
    return NOTHING if is_same else difference(CODE_UNCHANGED, live, candidate)


def difference(code: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """`code` and what differs between two configurations."""
    return "; ".join([code, *_settings([row for row in rows(old, new) if row.differs])])


def _settings(changed: list[Row]) -> Iterator[str]:
    if not changed:
        yield "configuration unchanged"
        return
    # The role last, and always: it is what reviewers of a changed configuration ask first.
    yield from (_setting(row) for row in changed if row.name != "Role")
    role = next((row for row in changed if row.name == "Role"), None)
    yield _setting(role) if role else "role unchanged"


def _setting(row: Row) -> str:
    if row.name == UNREADABLE:
        return "environment unknown: AWS could not decrypt it"
    word = "changed" if row.word == "changes" else row.word
    if row.is_env:
        return f"environment key {row.label} {word}"
    label = "role" if row.name == "Role" else _lower(row.label)
    before, after = row.texts[0], row.texts[1]
    if before is None or after is None:
        shown = after if before is None else before
        return f"{label} {word}" + (f": {shown}" if _is_short(shown) else "")
    if _is_short(before) and _is_short(after):
        return f"{label} {_without_unit(before, after)} → {after}"
    return f"{label} changed"


def _lower(label: str) -> str:
    """`Memory` as in the middle of a sentence; `VPC` and `KMS key` stay as they are."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _is_short(text: str | None) -> bool:
    return text is not None and len(text) <= SHORT


def _without_unit(before: str, after: str) -> str:
    """256 MB → 512 MB says its unit once."""
    number, _, unit = before.partition(" ")
    same = unit and after.endswith(f" {unit}") and number.replace(",", "").isdigit()
    return number if same else before
