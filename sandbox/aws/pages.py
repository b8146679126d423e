"""Pages of a listing: opaque markers, never more than the service's own cap (facts G3)."""

import base64
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.aws import errors

Row = TypeVar("Row")
MARK = "after:"
Show = Callable[[Row], dict[str, Any]]


@dataclass(frozen=True)
class Page:
    rows: list[dict[str, Any]]
    marker: str | None

    def answer(self, key: str) -> dict[str, Any]:
        return {key: self.rows, **({"NextMarker": self.marker} if self.marker else {})}


def page(
    rows: list[tuple[str, Row]], marker: str | None, size: int | None, cap: int, show: Show[Row]
) -> Page:
    """Rows with their keys in order; a page begins after the key in the marker, there or not.

    Only the rows of the page are shown: describing a whole account takes its time.
    """
    start = bisect_right(rows, _decode(marker), key=lambda row: row[0]) if marker else 0
    found = rows[start : start + min(size or cap, cap)]
    more = start + len(found) < len(rows)
    return Page([show(row) for _, row in found], _encode(found[-1][0]) if more and found else None)


def _encode(key: str) -> str:
    return base64.urlsafe_b64encode(f"{MARK}{key}".encode()).decode()


def _decode(marker: str) -> str:
    try:
        found = base64.b64decode(marker, altchars=b"-_", validate=True).decode()
    except ValueError:
        found = ""
    if not found.startswith(MARK):
        raise errors.invalid("Invalid Marker")
    return found.removeprefix(MARK)
