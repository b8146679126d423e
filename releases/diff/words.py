"""What differs within two lines that stand opposite each other."""

import re
from collections.abc import Iterable
from itertools import accumulate

from releases.diff.limits import DiffLimits
from releases.diff.lines import blocks

Span = tuple[int, int]
Spans = tuple[Span, ...]
NOTHING: tuple[Spans, Spans] = ((), ())

WORD = re.compile(r"\w+|\s+|.")
# With less in common than this, the lines are two lines and no edit of one another.
ALIKE = 0.4


def changed_words(old: str, new: str, limits: DiffLimits) -> tuple[Spans, Spans]:
    """The spans of either line that are not in the other; none where that would say nothing."""
    if old == new or max(len(old), len(new)) > limits.words_line:
        return NOTHING
    before, after = WORD.findall(old), WORD.findall(new)
    # Words as lines: difflib takes cubic time for what a hostile line can be made of.
    changes = blocks(_as_lines(before), _as_lines(after))
    removed = _spans(before, ((block.old_start, block.old_end) for block in changes))
    added = _spans(after, ((block.new_start, block.new_end) for block in changes))
    least = min(_ink(old), _ink(new))
    same = _ink(old) - sum(_ink(old[start:end]) for start, end in removed)
    return (removed, added) if same >= ALIKE * least else NOTHING


def _as_lines(words: list[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode()


def _spans(words: list[str], ranges: Iterable[Span]) -> Spans:
    at = [0, *accumulate(map(len, words))]
    return tuple((at[first], at[last]) for first, last in ranges if first < last)


def _ink(text: str) -> int:
    return sum(map(len, text.split()))
