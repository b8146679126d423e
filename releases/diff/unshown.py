"""Why a file is not compared by lines, and whether a reviewer may ask for it all the same."""

import enum
from dataclasses import dataclass

from releases.diff.limits import DiffLimits
from releases.packages.sizes import in_words


class Why(enum.Enum):
    BINARY = "binary"
    TOO_LARGE = "too large"
    MINIFIED = "minified"


@dataclass(frozen=True)
class NotShown:
    """What the page prints in place of lines; with `can_show` it offers "Show anyway"."""

    why: Why
    sentence: str
    can_show: bool


def binary() -> NotShown:
    return NotShown(Why.BINARY, "Binary file: compared by size and hash.", can_show=False)


def too_large(size: int, limits: DiffLimits) -> NotShown:
    if size > limits.size_cap:
        sentence = f"Too large to compare: {in_words(size)}, over {in_words(limits.size_cap)}."
        return NotShown(Why.TOO_LARGE, sentence, can_show=False)
    sentence = f"Too large to compare at once: {in_words(size)}."
    return NotShown(Why.TOO_LARGE, sentence, can_show=True)


def too_many_lines(count: int, limits: DiffLimits) -> NotShown:
    if count > limits.lines_cap:
        sentence = f"Too large to compare: {count:,} lines, over {limits.lines_cap:,}."
        return NotShown(Why.TOO_LARGE, sentence, can_show=False)
    sentence = f"Too large to compare at once: {count:,} lines."
    return NotShown(Why.TOO_LARGE, sentence, can_show=True)


def minified(length: int) -> NotShown:
    sentence = f"Minified or generated: a line of {length:,} characters."
    return NotShown(Why.MINIFIED, sentence, can_show=True)
