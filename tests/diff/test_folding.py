"""Rows show every change, fold what is unchanged, and lose nothing that can be asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.diff.folding import hidden_rows, shown_parts
from releases.diff.limits import DiffLimits
from releases.diff.lines import LineDiff, compare_lines
from releases.diff.rows import Fold, Hunk, Row, RowKind
from releases.diff.text import Text
from tests.diff.packages import TEXTS

SIGNS = {RowKind.CONTEXT: " ", RowKind.ADDED: "+", RowKind.REMOVED: "-"}


def diff_of(old: str, new: str, *, ignore_whitespace: bool = False) -> LineDiff:
    sides = Text(old, "UTF-8"), Text(new, "UTF-8")
    return compare_lines(*sides, ignore_whitespace=ignore_whitespace)


def numbered(count: int, **changed: str) -> str:
    return "".join(changed.get(f"l{n}", f"{n}") + "\n" for n in range(count))


def drawn(diff: LineDiff) -> list[str]:
    lines = []
    for part in shown_parts(diff):
        if isinstance(part, Fold):
            lines.append(f"({part.count})")
        else:
            lines += [part.header, *(SIGNS[row.kind] + row.text for row in part.rows)]
    return lines


def sides(rows: list[Row]) -> tuple[str, str]:
    """Both texts, put together again from what is shown."""
    old, new = (
        "".join(row.text + ("" if row.ends_open else "\n") for row in rows if row.kind is not gone)
        for gone in (RowKind.ADDED, RowKind.REMOVED)
    )
    return old, new


def all_rows(diff: LineDiff, limits: DiffLimits) -> list[Row]:
    """What is shown, with every fold opened."""
    rows: list[Row] = []
    for part in shown_parts(diff, limits):
        if isinstance(part, Hunk):
            rows += part.rows
        else:
            hidden = hidden_rows(diff, part.new_start, part.count)
            assert len(hidden) == part.count
            rows += hidden
    return rows


def test_change_is_shown_with_three_lines_around_it_and_the_rest_folded() -> None:
    assert drawn(diff_of(numbered(20), numbered(20, l9="x"))) == [
        "(6)",
        "@@ -7,7 +7,7 @@",
        *(" 6", " 7", " 8", "-9", "+x", " 10", " 11", " 12"),
        "(7)",
    ]


def test_fold_of_a_single_line_is_not_made() -> None:
    old = numbered(12)
    assert drawn(diff_of(old, numbered(12, l4="x")))[0] == "@@ -1,8 +1,8 @@"
    assert drawn(diff_of(old, numbered(12, l5="x")))[0] == "(2)"


def test_text_without_changes_is_one_fold() -> None:
    assert shown_parts(diff_of(numbered(5), numbered(5))) == [Fold(0, 0, 5)]


def test_unfolded_everything_is_one_hunk() -> None:
    (hunk,) = shown_parts(diff_of(numbered(50), numbered(50, l9="x")), unfolded=True)
    assert isinstance(hunk, Hunk)
    assert len(list(hunk.rows)) == 51


def test_removed_and_added_lines_stand_opposite_each_other() -> None:
    (hunk,) = shown_parts(diff_of("a = 1\nb\n", "a = 2\nc\nd\n"))
    assert isinstance(hunk, Hunk)
    pairs = [(pair.old and pair.old.text, pair.new and pair.new.text) for pair in hunk.pairs]
    assert pairs == [("a = 1", "a = 2"), ("b", "c"), (None, "d")]
    first = hunk.pairs[0]
    assert first.old and first.new and (first.old.changed, first.new.changed) == (((4, 5),),) * 2


def test_missing_newline_at_the_end_is_said() -> None:
    (hunk,) = shown_parts(diff_of("a\nb", "a\nb\n"))
    assert isinstance(hunk, Hunk)
    assert [(row.text, row.ends_open) for row in hunk.rows] == [
        ("a", False),
        ("b", True),
        ("b", False),
    ]


def test_ignored_whitespace_is_still_shown_on_its_own_side() -> None:
    (hunk,) = shown_parts(diff_of("a b\nx\n", "a  b\ny\n", ignore_whitespace=True))
    assert isinstance(hunk, Hunk)
    pair = hunk.pairs[0]
    assert pair.old and pair.new and (pair.old.text, pair.new.text) == ("a b", "a  b")


@pytest.mark.parametrize(
    ("start", "count", "lines"),
    [(0, 3, "012"), (8, 9, "8"), (9, 1, ""), (17, 99, "789"), (0, -1, ""), (-1, 4, "")],
)
def test_hidden_lines_are_given_within_one_run_only(start: int, count: int, lines: str) -> None:
    diff = diff_of(numbered(20), numbered(20, l9="x"))
    given_rows = hidden_rows(diff, start, count)
    assert "".join(row.text[-1] for row in given_rows) == lines


@given(TEXTS, TEXTS, st.integers(0, 3))
def test_both_texts_can_be_put_together_from_the_rows(old: str, new: str, context: int) -> None:
    diff = diff_of(old, new)
    assert sides(all_rows(diff, DiffLimits(context=context, fold_over=1))) == (old, new)
    hunks = [part for part in shown_parts(diff, unfolded=True) if isinstance(part, Hunk)]
    assert sides([row for hunk in hunks for row in hunk.rows]) == (old, new)


@given(TEXTS, TEXTS)
def test_with_whitespace_ignored_the_new_text_is_still_all_there(old: str, new: str) -> None:
    diff = diff_of(old, new, ignore_whitespace=True)
    assert sides(all_rows(diff, DiffLimits(fold_over=1)))[1] == new


@given(TEXTS, TEXTS, st.booleans())
def test_side_by_side_shows_the_lines_of_the_unified_view(old: str, new: str, ignore: bool) -> None:
    for part in shown_parts(diff_of(old, new, ignore_whitespace=ignore)):
        if isinstance(part, Hunk):
            unified = list(part.rows)
            assert sorted(r.old_number for r in unified if r.old_number) == [
                pair.old.old_number for pair in part.pairs if pair.old
            ]
            assert [r.new_number for r in unified if r.new_number] == [
                pair.new.new_number for pair in part.pairs if pair.new
            ]
