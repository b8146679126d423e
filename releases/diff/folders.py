"""The changed files as a tree of folders, for the list beside a diff."""

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from releases.diff.tree import ChangeKind, FileChange


@dataclass
class Folder:
    """A folder with changes somewhere below it; chains of single folders are one: `a/b/c`."""

    name: str
    path: str
    folders: list["Folder"] = field(default_factory=list)
    files: list[FileChange] = field(default_factory=list)
    counts: Counter[ChangeKind] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class TreeRow:
    """A folder or a file of the tree, and how deep it lies; exactly one of the two is set."""

    depth: int
    name: str
    folder: Folder | None = None
    change: FileChange | None = None


def folder_tree(changes: Iterable[FileChange]) -> Folder:
    """Hang every change, given in the order of paths, into its folder; the root has no name."""
    # Only folders that hold files or part ways are made: a hostile package has paths of 500
    # folders each, and all of those together would not fit into memory.
    trail = [Folder("", "")]
    for change in changes:
        folder = _entered(trail, posixpath.dirname(change.path))
        folder.files.append(change)
        folder.counts[change.kind] += 1
    _finish(trail[0])
    return trail[0]


def _entered(trail: list[Folder], path: str) -> Folder:
    """Turn `trail`, the folders open from the root down, so that it ends at `path`."""
    common = posixpath.commonpath([trail[-1].path, path])
    left = None
    while len(trail[-1].path) > len(common):
        left = trail.pop()
    if left and trail[-1].path != common:
        fork = Folder("", common, folders=[left])
        trail[-1].folders[-1] = fork
        trail.append(fork)
    if trail[-1].path != path:
        folder = Folder("", path)
        trail[-1].folders.append(folder)
        trail.append(folder)
    return trail[-1]


def _finish(root: Folder) -> None:
    """Name every folder from its parent on, and count what lies below it."""
    pairs = [(root, child) for child in root.folders]
    for _, folder in pairs:  # which grows while it is walked, parents first
        pairs += [(folder, child) for child in folder.folders]
    for parent, folder in reversed(pairs):
        folder.name = folder.path[len(parent.path) :].lstrip("/")
        parent.counts += folder.counts


def tree_rows(root: Folder) -> Iterator[TreeRow]:
    """Walk the tree as a page lists it: folders before files, children after their folder."""
    # Not recursive, and pages should not be either: a hostile package nests 500 folders.
    waiting: list[TreeRow] = _children(root, 0)
    while waiting:
        row = waiting.pop()
        yield row
        if row.folder:
            waiting += _children(row.folder, row.depth + 1)


def _children(folder: Folder, depth: int) -> list[TreeRow]:
    rows = [TreeRow(depth, child.name, folder=child) for child in folder.folders]
    rows += [
        TreeRow(depth, posixpath.basename(change.path), change=change) for change in folder.files
    ]
    return rows[::-1]
