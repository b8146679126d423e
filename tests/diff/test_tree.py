"""Two manifests are compared file by file, in linear time, the same way every time."""

import stat

import pytest
from hypothesis import given

from releases.diff.tree import ChangeKind, compare
from releases.packages.manifest import Entry, Inspection
from tests.diff.packages import Tree, by_path, manifest, pairs, tree_diff


def kinds(old: Tree, new: Tree) -> dict[str, ChangeKind]:
    return {path: change.kind for path, change in by_path(tree_diff(old, new)).items()}


def test_added_removed_and_changed_files_are_told_apart() -> None:
    assert kinds({"a": b"1", "b": b"2", "c": b"3"}, {"b": b"2", "c": b"4", "d": b"5"}) == {
        "a": ChangeKind.REMOVED,
        "c": ChangeKind.CHANGED,
        "d": ChangeKind.ADDED,
    }


def test_same_bytes_under_another_path_are_a_rename() -> None:
    (change,) = tree_diff({"a/x.py": b"1", "k": b""}, {"b/x.py": b"1", "k": b""}).changes
    assert (change.kind, change.old_path, change.path) == (ChangeKind.RENAMED, "a/x.py", "b/x.py")


def test_empty_files_are_never_renames() -> None:
    assert kinds({"a": b""}, {"b": b""}) == {"a": ChangeKind.REMOVED, "b": ChangeKind.ADDED}


def test_copies_are_paired_by_name_first_and_then_by_path() -> None:
    old = {"1/a": b"s", "1/b": b"s", "1/c": b"s"}
    diff = by_path(tree_diff(old, {"2/c": b"s", "2/d": b"s"}))
    assert {path: change.old_path for path, change in diff.items()} == {
        "1/b": "1/b",
        "2/c": "1/c",
        "2/d": "1/a",
    }


@pytest.mark.parametrize(("mode", "changes"), [(0o100755, 1), (0o100644, 0), (0o644, 0)])
def test_changed_mode_alone_is_said_and_leaves_the_content_identical(
    mode: int, changes: int
) -> None:
    diff = compare(manifest({"a": b"1"}, {"a": 0o100644}), manifest({"a": b"1"}, {"a": mode}))
    assert diff.count(ChangeKind.MODE) == len(diff.changes) == changes
    assert diff.identical_content


def test_file_that_became_a_link_is_changed() -> None:
    link = manifest({"a": b"b", "b": b""}, {"a": stat.S_IFLNK | 0o777})
    diff = compare(manifest({"a": b"b", "b": b""}), link)
    assert [change.kind for change in diff.changes] == [ChangeKind.CHANGED]
    assert not diff.identical_content


def test_without_a_baseline_every_file_is_added() -> None:
    diff = compare(None, manifest({"a": b"", "b": b""}))
    assert diff.count(ChangeKind.ADDED) == 2
    assert not (diff.has_baseline or diff.identical_content)


@given(pairs())
def test_every_path_is_counted_once(pair: tuple[Tree, Tree]) -> None:
    old, new = pair
    diff = tree_diff(old, new)
    gone = {path for path in old if path not in new}
    renamed = {change.old_path for change in diff.changes if change.kind is ChangeKind.RENAMED}
    assert diff.unchanged == sum(old.get(path) == data for path, data in new.items())
    assert len(diff.changes) + diff.unchanged + len(renamed) == len(gone | set(new))
    assert [c.path.encode() for c in diff.changes] == sorted(c.path.encode() for c in diff.changes)


def test_hundred_thousand_files_of_the_same_bytes_are_paired() -> None:
    one, other = (
        Inspection.of(Entry(f"{side}/{n}", 1, 0, "same", 1) for n in range(100_000))
        for side in ("old", "new")
    )
    diff = compare(one, other)
    assert diff.count(ChangeKind.RENAMED) == 100_000
    assert diff.changes[7].old_path == diff.changes[7].path.replace("new", "old")
