"""Changed files hang in folders that are counted, joined where single, and safe to walk."""

from releases.diff.folders import folder_tree, tree_rows
from releases.diff.tree import ChangeKind, FileChange


def changes(*paths: str) -> list[FileChange]:
    return [FileChange(path, ChangeKind.ADDED, None, None) for path in sorted(paths)]


def drawn(*paths: str) -> list[str]:
    return ["  " * row.depth + row.name for row in tree_rows(folder_tree(changes(*paths)))]


def test_chains_of_single_folders_are_joined() -> None:
    assert drawn("a/b/c/one", "a/b/c/two") == ["a/b/c", "  one", "  two"]


def test_chain_ends_where_there_is_a_file_or_a_fork() -> None:
    assert drawn("a/b/x/y/1", "a/b/z/2", "a/3", "4") == [
        "a",
        "  b",
        "    x/y",
        "      1",
        "    z",
        "      2",
        "  3",
        "4",
    ]


def test_names_that_begin_alike_are_not_one_folder() -> None:
    assert drawn("ab/1", "ac/2", "a-b/3") == ["a-b", "  3", "ab", "  1", "ac", "  2"]


def test_folder_counts_everything_below_it() -> None:
    root = folder_tree(changes("a/b/1", "a/b/2", "a/c/3", "4"))
    (a,) = root.folders
    assert [root.counts.total(), a.counts.total()] == [4, 3]
    counted = [(folder.path, folder.counts.total()) for folder in a.folders]
    assert counted == [("a/b", 2), ("a/c", 1)]


def test_thousands_of_paths_of_500_folders_are_walked() -> None:
    paths = [f"{n}/" + "x/" * 500 + "f" for n in range(2_000)]
    assert len(list(tree_rows(folder_tree(changes(*paths))))) == 4_000


def test_file_in_every_one_of_500_folders_is_walked() -> None:
    rows = list(tree_rows(folder_tree(changes(*("x/" * depth + "f" for depth in range(500))))))
    assert max(row.depth for row in rows) == 499
