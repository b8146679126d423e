"""The shown difference of two packages, applied to the old tree, gives the new tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.diff.files import FileDiff, Package, compare_files
from releases.diff.folding import hidden_rows, shown_parts
from releases.diff.limits import DiffLimits
from releases.diff.rows import Hunk, RowKind
from releases.diff.tree import ChangeKind, compare
from releases.diff.unshown import Why
from releases.packages.sizes import MIB
from tests.diff.packages import Tree, manifest, opened, pairs, tree_diff


def compared(
    old: Tree, new: Tree, *, anyway: bool = False, limits: DiffLimits | None = None
) -> list[FileDiff]:
    packages = Package(*opened(old)), Package(*opened(new))
    changes = tree_diff(old, new).changes
    return list(compare_files(changes, *packages, limits=limits, anyway=anyway))


def only(old: bytes, new: bytes, *, anyway: bool = False) -> FileDiff:
    (file,) = compared({"a.py": old}, {"a.py": new}, anyway=anyway)
    return file


def shown_text(file: FileDiff) -> str:
    """The new text, from nothing but what is shown and what folds give when they are opened."""
    assert file.lines
    text = []
    for part in shown_parts(file.lines):
        if isinstance(part, Hunk):
            rows = list(part.rows)
        else:
            rows = hidden_rows(file.lines, part.new_start, part.count)
        text += [
            row.text + ("" if row.ends_open else "\n")
            for row in rows
            if row.kind is not RowKind.REMOVED
        ]
    return "".join(text)


def applied(old: Tree, new: Tree, files: list[FileDiff]) -> Tree:
    tree = dict(old)
    for file in files:
        change = file.change
        if change.kind in {ChangeKind.REMOVED, ChangeKind.RENAMED}:
            tree.pop(change.old_path)
    for file in files:
        path, kind = file.change.path, file.change.kind
        if kind is ChangeKind.RENAMED:
            tree[path] = old[file.change.old_path]
        elif file.lines and kind is not ChangeKind.REMOVED:
            tree[path] = file.lines.new.encoded(shown_text(file))
        elif file.not_shown and kind is not ChangeKind.REMOVED:
            assert file.not_shown.why is Why.BINARY
            tree[path] = new[path]  # by its hash, which is all that a page shows of it
    return tree


@given(pairs())
def test_applying_the_shown_difference_to_the_old_tree_gives_the_new(
    pair: tuple[Tree, Tree],
) -> None:
    old, new = pair
    assert applied(old, new, compared(old, new)) == new


@given(pairs())
def test_added_and_removed_files_are_compared_with_nothing(pair: tuple[Tree, Tree]) -> None:
    for file in compared(*pair):
        if file.lines and file.change.kind is ChangeKind.ADDED:
            assert (file.lines.removed, file.lines.old.encoding) == (0, "")
        if file.lines and file.change.kind is ChangeKind.REMOVED:
            assert (file.lines.added, file.lines.new.encoding) == (0, "")


@given(st.binary(max_size=30), st.binary(max_size=30), st.booleans())
def test_every_file_has_lines_or_a_reason(old: bytes, new: bytes, anyway: bool) -> None:
    for file in compared({"a": old}, {"a": new}, anyway=anyway):
        assert (file.lines is None) is (file.not_shown is not None)


BIG = b"x = 1\n" * 200_000


@pytest.mark.parametrize(
    ("new", "why", "can_show"),
    [
        (b"\0", Why.BINARY, False),
        (b"\0" * 2 * MIB, Why.BINARY, False),
        (BIG, Why.TOO_LARGE, True),
        (b"x\n" * 20_001, Why.TOO_LARGE, True),
        (b"x\n" * (4 * MIB + 1), Why.TOO_LARGE, False),
        (b"x" * 5_001, Why.MINIFIED, True),
    ],
)
def test_file_that_is_not_compared_says_why(new: bytes, why: Why, can_show: bool) -> None:
    for file in (only(b"x\n", new), only(new, b"x\n")):
        assert file.lines is None
        assert file.not_shown and (file.not_shown.why, file.not_shown.can_show) == (why, can_show)


@pytest.mark.parametrize("new", [BIG, b"x\n" * 20_001, b"x" * 5_001])
def test_what_can_be_shown_is_shown_when_asked(new: bytes) -> None:
    assert only(b"x\n", new, anyway=True).lines


def test_too_many_lines_are_never_shown() -> None:
    file = only(b"x\n", b"\n" * 200_001, anyway=True)
    assert file.not_shown and not file.not_shown.can_show
    assert file.not_shown.sentence == "Too large to compare: 200,001 lines, over 200,000."


def test_renamed_file_and_changed_mode_are_not_read() -> None:
    (file,) = compared({"a": b"same", "k": b""}, {"b": b"same", "k": b""})
    assert (file.lines, file.not_shown) == (None, None)


def test_first_package_is_compared_with_nothing() -> None:
    new = {"a.py": b"x = 1\n"}
    changes = compare(None, manifest(new)).changes
    (file,) = compare_files(changes, None, Package(*opened(new)))
    assert file.lines and file.lines.added == 1
