"""A line diff as the parts to show: rows near the changes, and folds of what is unchanged."""

from collections.abc import Iterator
from itertools import zip_longest

from releases.diff.limits import DiffLimits
from releases.diff.lines import Block, LineDiff
from releases.diff.rows import Fold, Hunk, Pair, Row, added, context, removed
from releases.diff.words import NOTHING, Spans, changed_words


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
            pairs = [context(diff, new + shift, new) for new in range(new_start, stop)]
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
        self._pairs += [context(self._diff, old + n, new + n) for n in range(count)]

    def _changed(self, block: Block) -> None:
        olds = range(block.old_start, block.old_end)
        news = range(block.new_start, block.new_end)
        for old, new in zip_longest(olds, news):
            before, after = self._words(old, new)
            self._pairs.append(
                Pair(
                    None if old is None else removed(self._diff, old, before),
                    None if new is None else added(self._diff, new, after),
                )
            )

    def _words(self, old: int | None, new: int | None) -> tuple[Spans, Spans]:
        if old is None or new is None or self._words_left <= 0:
            return NOTHING
        self._words_left -= 1
        lines = self._diff.old.lines[old], self._diff.new.lines[new]
        return changed_words(*lines, self._limits)


def _end(diff: LineDiff) -> Block:
    old, new = len(diff.old.lines), len(diff.new.lines)
    return Block(old, old, new, new)
