"""Within paired lines, the words that differ are marked, if the lines are alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.diff.limits import DiffLimits
from releases.diff.words import NOTHING, changed_words

LIMITS = DiffLimits()


def marked(old: str, new: str) -> tuple[list[str], list[str]]:
    before, after = changed_words(old, new, LIMITS)
    return [old[a:b] for a, b in before], [new[a:b] for a, b in after]


def test_changed_words_are_marked_on_both_sides() -> None:
    assert marked("retry(times=3, wait=1)", "retry(times=5, wait=1)") == (["3"], ["5"])


def test_added_word_is_marked_on_its_side_only() -> None:
    assert marked("call(a)", "call(a, b)") == ([], [", b"])


@pytest.mark.parametrize(
    ("old", "new"),
    [("same", "same"), ("import os", "x = {1: 2}"), ("a" * 501, "a" * 502)],
)
def test_nothing_is_marked_where_it_would_say_nothing(old: str, new: str) -> None:
    assert changed_words(old, new, LIMITS) == NOTHING


LINES = st.text(alphabet="ab _(\u202e\r\f\x85é", max_size=20)


@given(LINES, LINES)
def test_lines_are_equal_without_the_marked_parts(old: str, new: str) -> None:
    before, after = changed_words(old, new, LIMITS)
    if (before, after) == NOTHING:
        return

    def without(line: str, spans: tuple[tuple[int, int], ...]) -> str:
        for start, end in reversed(spans):
            line = line[:start] + line[end:]
        return line

    assert without(old, before) == without(new, after)
