"""The changed files of a release as the page lists them: a tree, and a section for each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

from releases.diff.folders import folder_tree, tree_rows
from releases.diff.tree import ChangeKind, FileChange, TreeDiff
from releases.views.compared import Pair

FILES, TREE_ROWS = 50, 2_000
DEEPEST = 12
CSS = {
    ChangeKind.ADDED: "add",
    ChangeKind.REMOVED: "del",
    ChangeKind.CHANGED: "mod",
    ChangeKind.RENAMED: "ren",
    ChangeKind.MODE: "mod",
}


@dataclass(frozen=True, slots=True)
class FileSection:
    """One changed file; `number` is its place in the list, by which the tree points at it."""

    number: int
    change: FileChange

    @property
    def css(self) -> str:
        return CSS[self.change.kind]

    @property
    def query(self) -> str:
        return urlencode({"path": self.change.path})

    @property
    def is_open(self) -> bool:
        """What was removed is seldom read; the reader can open it."""
        return self.change.kind is not ChangeKind.REMOVED

    @property
    def sizes(self) -> str:
        old, new = self.change.old, self.change.new
        if old and new and old.size != new.size:
            return f"{units(old.size)} → {units(new.size)}"
        entry = new or old
        return units(entry.size) if entry else ""


@dataclass(frozen=True, slots=True)
class Node:
    """One row of the tree: a file with its number, or a folder with what happened in it."""

    depth: int
    name: str
    css: str
    text: str
    word: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Listing[T]:
    """Some of a list, and where the rest begins."""

    rows: Sequence[T]
    following: int | None
    left: int


def units(size: int) -> str:
    if abs(size) < 1024:
        return f"{size:,} B"
    if abs(size) < 1024**2:
        return f"{size / 1024:.1f} KB"
    return f"{size / 1024**2:.1f} MB"


def sections(tree: TreeDiff, start: int = 0) -> Listing[FileSection]:
    """FILES sections from `start` on."""
    shown = tree.changes[start : start + FILES]
    rows = [FileSection(start + at, change) for at, change in enumerate(shown)]
    return _listing(rows, start, len(tree.changes))


def nodes(pair: Pair, start: int = 0) -> Listing[Node]:
    """TREE_ROWS rows of the tree from `start` on."""
    tree = pair.tree
    every = tree_rows(folder_tree(tree.changes))
    rows = list(islice(_nodes(every, pair), start, start + TREE_ROWS + 1))
    more = len(rows) > TREE_ROWS
    files = sum(row.number is not None for row in rows[:TREE_ROWS])
    following = start + TREE_ROWS if more else None
    return Listing(rows[:TREE_ROWS], following, len(tree.changes) - files if more else 0)
