"""The rows that a line diff is shown in, unified or side by side."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from releases.diff.lines import LineDiff
from releases.diff.words import Span


class RowKind(enum.Enum):
    CONTEXT = "context"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Row:
    """One line as the unified view shows it; numbers count from 1, and a side may have none.

    `text` has no line feed, but a carriage return where the file has one. `changed` are the
    parts that differ from the line it is paired with. `ends_open`: no newline at end of file.
    """

    kind: RowKind
    old_number: int | None
    new_number: int | None
    text: str
    changed: tuple[Span, ...] = ()
    ends_open: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of the side-by-side view."""

    old: Row | None
    new: Row | None


@dataclass(frozen=True)
class Hunk:
    """Rows to show without a break, in both views; lines from 0, ends not included."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int
    pairs: tuple[Pair, ...]

    @property
    def header(self) -> str:
        old = _range(self.old_start, self.old_end)
        return f"@@ -{old} +{_range(self.new_start, self.new_end)} @@"

    @property
    def rows(self) -> Iterator[Row]:
        """The unified view: of each run of changes what was removed, then what was added."""
        added: list[Row] = []
        for pair in self.pairs:
            if pair.new and pair.new.kind is RowKind.CONTEXT:
                yield from added
                added = []
                yield pair.new
                continue
            if pair.old:
                yield pair.old
            if pair.new:
                added.append(pair.new)
        yield from added


@dataclass(frozen=True, slots=True)
class Fold:
    """`count` unchanged lines that are hidden; the first ones, from 0."""

    old_start: int
    new_start: int
    count: int


def context(diff: LineDiff, old: int, new: int) -> Pair:
    """An unchanged line, by its places in both files."""
    # With whitespace ignored the two sides of an unchanged line may still differ in it.
    before, after = diff.old.lines[old], diff.new.lines[new]
    numbers = (old + 1, new + 1)
    opens = [
        side.ends_open and at == len(side.lines) - 1
        for side, at in ((diff.old, old), (diff.new, new))
    ]
    right = Row(RowKind.CONTEXT, *numbers, after, ends_open=opens[1])
    if before == after and opens[0] == opens[1]:
        return Pair(right, right)
    return Pair(Row(RowKind.CONTEXT, *numbers, before, ends_open=opens[0]), right)


def removed(diff: LineDiff, at: int, changed: tuple[Span, ...]) -> Row:
    side = diff.old
    ends_open = side.ends_open and at == len(side.lines) - 1
    return Row(RowKind.REMOVED, at + 1, None, side.lines[at], changed, ends_open)


def added(diff: LineDiff, at: int, changed: tuple[Span, ...]) -> Row:
    side = diff.new
    ends_open = side.ends_open and at == len(side.lines) - 1
    return Row(RowKind.ADDED, None, at + 1, side.lines[at], changed, ends_open)


def _range(start: int, end: int) -> str:
    count = end - start
    return f"{start + 1 if count else start},{count}" if count != 1 else f"{start + 1}"
