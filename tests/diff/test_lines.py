"""Lines are compared as git compares them."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.diff.lines import Block, compare_lines
from releases.diff.text import ABSENT, Text
from tests.diff.packages import TEXTS


def text(content: str) -> Text:
    return Text(content, "UTF-8")


def blocks(old: str, new: str, *, ignore_whitespace: bool = False) -> tuple[Block, ...]:
    return compare_lines(text(old), text(new), ignore_whitespace=ignore_whitespace).blocks


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ()),
        ("a\n", "a\n", ()),
        ("", "a\n", (Block(0, 0, 0, 1),)),
        ("a", "", (Block(0, 1, 0, 0),)),
        ("a\nb\n", "a\nb", (Block(1, 2, 1, 2),)),
        ("a\nb\n", "x\na\nb\n", (Block(0, 0, 0, 1),)),
        ("a\nb\n", "a\nb\nx\n", (Block(2, 2, 2, 3),)),
    ],
)
def test_blocks_say_which_lines_replace_which(
    old: str, new: str, expected: tuple[Block, ...]
) -> None:
    assert blocks(old, new) == expected


def test_added_and_removed_lines_are_counted() -> None:
    diff = compare_lines(text("a\nb\nc\n"), text("a\nx\ny\nc\n"))
    assert (diff.added, diff.removed) == (2, 1)
    assert compare_lines(ABSENT, text("a\n")).added == 1


@pytest.mark.parametrize("new", ["a  b\n", "\ta b \n", "ab\n", "a b\r\n"])
def test_whitespace_can_be_left_out_of_account(new: str) -> None:
    assert blocks("a b\n", new)
    assert not blocks("a b\n", new, ignore_whitespace=True)


@given(TEXTS, TEXTS, st.booleans())
def test_what_lies_between_blocks_is_the_same(old: str, new: str, ignore: bool) -> None:
    diff = compare_lines(text(old), text(new), ignore_whitespace=ignore)
    was = is_now = 0
    ends = Block(len(diff.old.lines), 0, len(diff.new.lines), 0)
    for block in (*diff.blocks, ends):
        before = diff.old.lines[was : block.old_start]
        after = diff.new.lines[is_now : block.new_start]
        if ignore:
            before, after = (["".join(line.split()) for line in side] for side in (before, after))
        assert before == after
        was, is_now = block.old_end, block.new_end


@settings(max_examples=15, deadline=None)
@given(TEXTS, TEXTS)
def test_as_many_lines_differ_as_git_says(
    tmp_path_factory: pytest.TempPathFactory, old: str, new: str
) -> None:
    folder: Path = tmp_path_factory.mktemp("git")
    for name, content in (("old", old), ("new", new)):
        (folder / name).write_bytes(content.encode())
    command = ["git", "diff", "--no-index", "--numstat", "--text", "old", "new"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    diff = compare_lines(text(old), text(new))
    assert said.split()[:2] == ([str(diff.added), str(diff.removed)] if diff.blocks else [])


def test_change_of_encoding_or_line_ends_is_said() -> None:
    diff = compare_lines(Text("a\r\n", "UTF-8"), Text("a\n", "Latin-1"))
    assert diff.encoding_change == "from UTF-8 to Latin-1"
    assert diff.line_end_change == "from CRLF to LF"
    diff = compare_lines(ABSENT, text("a\n"))
    assert (diff.encoding_change, diff.line_end_change) == ("", "")
