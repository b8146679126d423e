"""The changed files of a release as the page lists them: a tree, and a section for each file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from releases.diff.folders import TreeRow, folder_tree, tree_rows
from releases.diff.tree import ChangeKind, FileChange, TreeDiff
from releases.views.compared import Pair

T = TypeVar("T")

FILES, TREE_ROWS = 50, 2_000
DEEPEST = 12
MINUS = "\u2212"
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


@dataclass(frozen=True)
class Listing(Generic[T]):
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
    left = len(tree.changes) - start - len(rows)
    return Listing(rows, start + FILES if left > 0 else None, max(left, 0))


def nodes(pair: Pair, start: int = 0) -> Listing[Node]:
    """TREE_ROWS rows of the tree from `start` on, folders included."""
    every = list(tree_rows(folder_tree(pair.tree.changes)))
    rows = [_node(row, pair) for row in every[start : start + TREE_ROWS]]
    left = sum(row.change is not None for row in every[start + TREE_ROWS :])
    return Listing(rows, start + TREE_ROWS if left else None, left)


def _node(row: TreeRow, pair: Pair) -> Node:
    depth = min(row.depth, DEEPEST)
    if row.change is None:
        assert row.folder is not None  # noqa: S101 - a row is one of the two
        count = row.folder.counts.total()
        return Node(depth, row.name, "dir", f"{count:,} file{'s' if count != 1 else ''}")
    change = row.change
    number = pair.number_of(change.path)
    return Node(depth, row.name, CSS[change.kind], _growth(change), change.kind.value, number)


def _growth(change: FileChange) -> str:
    """By how much a file grew or shrank."""
    if change.old and change.new:
        grown = change.new.size - change.old.size
        return f"{'+' if grown > 0 else MINUS}{units(abs(grown))}" if grown else ""
    entry = change.new or change.old
    return units(entry.size) if entry else ""
