"""A line diff as rows to show: unified or side by side, unchanged parts folded away."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from releases.diff.limits import DiffLimits
from releases.diff.lines import Block, LineDiff
from releases.diff.words import Span, changed_words


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


def shown_parts(
    diff: LineDiff, limits: DiffLimits | None = None, *, unfolded: bool = False
) -> list[Hunk | Fold]:
    """Everything of both files in order, what is unchanged and not near a change in folds."""
    parts = _Parts(diff, limits or DiffLimits())
    return list(parts.whole() if unfolded else parts.folded())


def hidden_rows(diff: LineDiff, new_start: int, count: int) -> list[Row]:
    """The unchanged lines of a fold, or some of them: from `new_start`, counted from 0.

    Lines that are not in one and the same unchanged run are left out.
    """
    old_from = new_from = 0
    for block in (*diff.blocks, _end(diff)):
        if new_from <= new_start < block.new_start:
            stop = min(max(new_start + count, new_start), block.new_start)
            shift = old_from - new_from
            pairs = [_context(diff, new + shift, new) for new in range(new_start, stop)]
            return [pair.new for pair in pairs if pair.new]
        old_from, new_from = block.old_end, block.new_end
    return []


class _Parts:
    def __init__(self, diff: LineDiff, limits: DiffLimits) -> None:
        self._diff, self._limits = diff, limits
        self._words_left = limits.words_pairs
        self._pairs: list[Pair] = []
        self._at = (0, 0)

    def whole(self) -> Iterator[Hunk | Fold]:
        self._start(0, 0)
        old = new = 0
        for block in self._diff.blocks:
            self._unchanged(old, new, block.new_start - new)
            self._changed(block)
            old, new = block.old_end, block.new_end
        self._unchanged(old, new, len(self._diff.new.lines) - new)
        yield from self._hunk()

    def folded(self) -> Iterator[Hunk | Fold]:
        old = new = 0
        self._start(0, 0)
        for block in (*self._diff.blocks, _end(self._diff)):
            count = block.new_start - new
            # At the ends of the file there is a change on one side only.
            before = self._limits.context if new or old else 0
            after = 0 if block == _end(self._diff) else self._limits.context
            hidden = count - before - after
            if hidden < self._limits.fold_over:
                self._unchanged(old, new, count)
            else:
                self._unchanged(old, new, before)
                yield from self._hunk()
                yield Fold(old + before, new + before, hidden)
                skip = before + hidden
                self._start(old + skip, new + skip)
                self._unchanged(old + skip, new + skip, after)
            self._changed(block)
            old, new = block.old_end, block.new_end
        yield from self._hunk()

    def _start(self, old: int, new: int) -> None:
        self._pairs, self._at = [], (old, new)

    def _hunk(self) -> Iterator[Hunk]:
        if not self._pairs:
            return
        old, new = self._at
        old_end = old + sum(pair.old is not None for pair in self._pairs)
        new_end = new + sum(pair.new is not None for pair in self._pairs)
        yield Hunk(old, old_end, new, new_end, tuple(self._pairs))

    def _unchanged(self, old: int, new: int, count: int) -> None:
        self._pairs += [_context(self._diff, old + n, new + n) for n in range(count)]

    def _changed(self, block: Block) -> None:
        words = {}
        for old, new in block.pairs:
            if self._words_left <= 0:
                break
            self._words_left -= 1
            before, after = self._diff.old.lines[old], self._diff.new.lines[new]
            words[old, new] = changed_words(before, after, self._limits)
        olds = range(block.old_start, block.old_end)
        news = range(block.new_start, block.new_end)
        for one, other in zip_longest(olds, news):
            spans = words.get((one, other), ((), ())) if None not in (one, other) else ((), ())
            self._pairs.append(
                Pair(
                    None if one is None else _removed(self._diff, one, spans[0]),
                    None if other is None else _added(self._diff, other, spans[1]),
                )
            )


def _end(diff: LineDiff) -> Block:
    old, new = len(diff.old.lines), len(diff.new.lines)
    return Block(old, old, new, new)


def _context(diff: LineDiff, old: int, new: int) -> Pair:
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


def _removed(diff: LineDiff, at: int, changed: tuple[Span, ...]) -> Row:
    side = diff.old
    ends_open = side.ends_open and at == len(side.lines) - 1
    return Row(RowKind.REMOVED, at + 1, None, side.lines[at], changed, ends_open)


def _added(diff: LineDiff, at: int, changed: tuple[Span, ...]) -> Row:
    side = diff.new
    ends_open = side.ends_open and at == len(side.lines) - 1
    return Row(RowKind.ADDED, None, at + 1, side.lines[at], changed, ends_open)


def _range(start: int, end: int) -> str:
    count = end - start
    return f"{start + 1 if count else start},{count}" if count != 1 else f"{start + 1}"
