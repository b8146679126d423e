"""Shown lines are coloured by their language, and plain where that would cost too much."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.diff.folding import shown_parts
from releases.diff.highlight import PLAIN, Colours, colours, colours_of_all, highlighted_lines
from releases.diff.limits import DiffLimits
from releases.diff.lines import compare_lines
from releases.diff.rows import Hunk
from releases.diff.text import ABSENT, Text
from tests.diff.packages import TEXTS

# A machine that is busy with other things is no reason to lose colours here.
LIMITS = DiffLimits(colour_seconds=60)


def text(content: str) -> Text:
    return Text(content, "UTF-8")


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def coloured(path: str, old: str, new: str, *, unfolded: bool = False) -> Colours:
    diff = compare_lines(text(old), text(new))
    return colours(path, diff, shown_parts(diff, unfolded=unfolded), limits=LIMITS)


def test_language_is_chosen_by_the_name_of_the_file() -> None:
    (line,) = highlighted_lines("src/a.py", text("def f(): pass\n"), limits=LIMITS)
    assert '<span class="tok-keyword">def</span> <span class="tok-call">f</span>' in line
    (line,) = highlighted_lines("src/a.unknown", text("def f(): pass\n"), limits=LIMITS)
    assert line == "def f(): pass"


@pytest.mark.parametrize("name", ["a.py", "a.js", "a.json", "a.yaml", "a.html", "a.java", "a.sh"])
def test_lines_stay_where_they_are(name: str) -> None:
    content = "\n\r\n  a = '''x\r\ny\rz'''\n\ufeff<!-- {{ \u2028 }} -->\n\n\t}\n"
    lines = highlighted_lines(name, text(content), limits=LIMITS)
    hidden = str.maketrans({"\r": r"\r", "\ufeff": r"\ufeff", "\u2028": r"\u2028"})
    assert [plain(line) for line in lines] == content[:-1].translate(hidden).split("\n")


def test_string_that_began_above_what_is_shown_is_still_a_string() -> None:
    old = "x = '''\n" + "import that\n" * 40 + "'''\n"
    lines = old.split("\n")
    lines[20] = "import this"
    found = coloured("a.py", old, "\n".join(lines))
    assert found.new[20] == [(0, 11, "string")]
    assert found.old[20] == [(0, 11, "string")]


def test_removed_lines_have_the_colours_of_the_whole_old_file() -> None:
    old = "".join(f"def f{n}(x):\n    '''Doc {n}.'''\n    return x + {n}\n\n" for n in range(60))
    edits = {"    return x + 31\n": "", "Doc 7.": "Dot", "def f50(x)": "def g()"}
    new = old
    for before, after in edits.items():
        new = new.replace(before, after)
    found = coloured("a.py", old, new)
    whole = coloured("a.py", "", old, unfolded=True).new
    assert len(found.old) == 3
    assert found.old == {number: whole[number] for number in found.old}


def test_several_files_are_coloured_in_order_and_all_plain_when_the_page_is_out_of_time() -> None:
    diffs = [compare_lines(ABSENT, text(f"x = {'1' * n}\n")) for n in range(1, 6)]
    files = [("a.py", diff, shown_parts(diff)) for diff in diffs]
    limits = DiffLimits(colour_seconds=60, page_colour_seconds=60)
    found = colours_of_all(iter(files), limits)
    assert [colours.new[0] for colours in found] == [[(4, 4 + n, "number")] for n in range(1, 6)]
    assert colours_of_all(files, DiffLimits(page_colour_seconds=0)) == [PLAIN] * 5


def test_removed_file_is_coloured() -> None:
    diff = compare_lines(text("def f(): pass\n"), ABSENT)
    found = colours("a.py", diff, shown_parts(diff), limits=LIMITS)
    assert found.old[0][0] == (0, 3, "keyword")


def test_large_file_stays_plain() -> None:
    content = "x = 1\n" * 50_000
    assert highlighted_lines("a.py", text(content), limits=LIMITS)[0] == "x = 1"


def test_no_time_leaves_plain_text() -> None:
    diff = compare_lines(ABSENT, text("def f(): pass\n"))
    limits = DiffLimits(colour_seconds=0)
    assert colours("a.py", diff, shown_parts(diff), limits=limits) is PLAIN


@settings(max_examples=30, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(["a.py", "b.js", "c.html"]), st.booleans())
def test_rows_say_the_same_with_and_without_colours(
    old: str, new: str, path: str, unfolded: bool
) -> None:
    diff = compare_lines(text(old), text(new))
    parts = shown_parts(diff, unfolded=unfolded)
    found = colours(path, diff, parts, limits=LIMITS)
    for part in parts:
        if isinstance(part, Hunk):
            for row in part.rows:
                assert plain(found.row_html(row)) == plain(PLAIN.row_html(row))


def test_carriage_returns_can_be_left_out_where_all_lines_have_them() -> None:
    diff = compare_lines(text("a\r\n"), text("b\r\n"))
    (hunk,) = shown_parts(diff)
    assert isinstance(hunk, Hunk)
    row = list(hunk.rows)[1]
    assert PLAIN.row_html(row, hide_line_ends=True) == "b"
    assert PLAIN.row_html(row) == 'b<span class="tok-hidden">\\r</span>'
