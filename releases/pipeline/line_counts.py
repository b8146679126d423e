"""How many lines a difference adds and removes in all, as far as that is cheap to know."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO, TypedDict, cast

from releases.diff.files import Package, compare_files
from releases.diff.limits import DiffLimits
from releases.diff.tree import FileChange, TreeDiff
from releases.packages.errors import PackageError
from releases.packages.intake import hex_of
from releases.packages.sizes import MIB
from releases.packages.store import artifacts, package_name

# What one comparison may cost: bytes of both sides together, and time.
BYTES, SECONDS = 128 * MIB, 10.0
# In memory at once.
BATCH = 8 * MIB


class LineCounts(TypedDict):
    """`uncounted` files are too large, or came after the time was up."""

    added: int
    removed: int
    uncounted: int


def count_lines(found: TreeDiff, old: str, new: str) -> LineCounts | None:
    """Lines of all text files in `found`, whose packages are kept by these CodeSha256.

    None where a package cannot be read: the rest of the comparison stands without it.
    """
    counts = LineCounts(added=0, removed=0, uncounted=0)
    until = time.monotonic() + SECONDS
    try:
        with ExitStack() as stack:
            before = _open(old, stack) if old else None
            after = _open(new, stack)
            small = _small(found.changes)
            counts["uncounted"] = len(found.changes) - len(small)
            for batch in _batches(small):
                if time.monotonic() > until:
                    counts["uncounted"] += len(batch)
                else:
                    _add(counts, batch, before, after)
    except (OSError, PackageError):
        return None
    return counts


def _add(
    counts: LineCounts, batch: list[FileChange], before: Package | None, after: Package
) -> None:
    for file in compare_files(batch, before, after, anyway=True):
        if file.lines:
            counts["added"] += file.lines.added
            counts["removed"] += file.lines.removed


def _small(changes: tuple[FileChange, ...]) -> list[FileChange]:
    """Those that are read, in order, until they are too much together."""
    left, small, most = BYTES, [], DiffLimits().size_cap
    for change in changes:
        size = _size(change)
        if size <= left and all(side.size <= most for side in (change.old, change.new) if side):
            left -= size
            small.append(change)
    return small


def _batches(changes: list[FileChange]) -> Iterator[list[FileChange]]:
    batch: list[FileChange] = []
    size = 0
    for change in changes:
        batch.append(change)
        size += _size(change)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _size(change: FileChange) -> int:
    return sum(side.size for side in (change.old, change.new) if side)


def _open(code_sha256: str, stack: ExitStack) -> Package:
    store, name = artifacts(), package_name(hex_of(code_sha256))
    file = stack.enter_context(store.open(name))
    return Package(cast(BinaryIO, file), store.storage.size(name))
