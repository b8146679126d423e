"""One phrase says what happened to the files."""

import pytest

from releases.diff.summary import files_in_words
from releases.diff.tree import compare
from tests.diff.packages import manifest, tree_diff

OLD = {"a": b"1", "b": b"2", "c": b"3", "d": b"4"}


def test_kinds_are_counted_in_order_and_absent_ones_not_mentioned() -> None:
    new = {"a": b"9", "b": b"8", "x": b"new", "y": b"4"}
    words = "2 files changed, 1 added, 1 removed, 1 renamed"
    assert files_in_words(tree_diff(OLD, new), same_hash=False) == words


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ({**OLD, "a": b"9"}, "1 file changed"),
        ({**OLD, "e": b"9"}, "1 file added"),
        ({"a": b"1"}, "3 files removed"),
        (OLD, "identical content, new archive hash"),
    ],
)
def test_first_part_says_that_files_are_counted(new: dict[str, bytes], words: str) -> None:
    assert files_in_words(tree_diff(OLD, new), same_hash=False) == words


def test_mode_is_mentioned_where_the_content_is_identical() -> None:
    diff = compare(manifest(OLD), manifest(OLD, {"a": 0o100755}))
    words = "identical content, new archive hash, mode of 1 file changed"
    assert files_in_words(diff, same_hash=False) == words


def test_mode_is_mentioned_after_the_files() -> None:
    diff = compare(manifest(OLD), manifest({**OLD, "e": b"5"}, {"a": 0o755, "b": 0o755}))
    assert files_in_words(diff, same_hash=False) == "1 file added, mode of 2 files changed"


def test_equal_hashes_leave_nothing_to_release() -> None:
    assert files_in_words(None, same_hash=True) == "nothing to release"


def test_package_without_a_baseline_is_the_first() -> None:
    assert files_in_words(compare(None, manifest(OLD)), same_hash=False) == "first package"


def test_other_hash_needs_a_difference() -> None:
    with pytest.raises(ValueError, match="difference"):
        files_in_words(None, same_hash=False)
