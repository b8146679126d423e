"""Archives inside a package, one level deep; paths in them read `lib/app.jar!/com/x.class`."""

import io
from collections.abc import Container
from dataclasses import dataclass

from releases.diff.entries import read_entries
from releases.diff.files import Package
from releases.diff.limits import NESTED, DiffLimits
from releases.diff.tree import FileChange, TreeDiff, compare
from releases.packages.errors import PackageError
from releases.packages.inspect import inspect
from releases.packages.manifest import Entry, Inspection
from releases.packages.sizes import Limits as ArchiveLimits
from releases.packages.sizes import in_words

SEPARATOR = "!/"
SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class Nested:
    """An archive found inside a package: its bytes and what is in them, or why that is not told."""

    data: bytes
    inspection: Inspection | None
    reason: str = ""

    @property
    def package(self) -> Package:
        return Package(io.BytesIO(self.data), len(self.data))


@dataclass(frozen=True)
class NestedDiff:
    """Two archives under one path; without `tree` shown as binary, and `reason` says why."""

    tree: TreeDiff | None
    old: Nested | None
    new: Nested | None
    reason: str = ""


def is_archive(head: bytes) -> bool:
    """Whether a file that begins with `head` is a zip, whatever its name."""
    return head.startswith(SIGNATURES)


def look_into(data: bytes, limits: ArchiveLimits = NESTED) -> Nested:
    """Inspect an archive by the rules for packages, within smaller limits."""
    try:
        return Nested(data, inspect(io.BytesIO(data), size=len(data), limits=limits))
    except PackageError as error:
        return Nested(data, None, error.message)


def compare_nested(
    change: FileChange,
    old: Package | None,
    new: Package | None,
    *,
    limits: DiffLimits | None = None,
) -> NestedDiff | None:
    """Compare an archive in one package with that in the other; None if it is none.

    Where there is one on one side only, all its files are added, or removed. Raises
    PackageError if a package itself cannot be read.
    """
    limits = limits or DiffLimits()
    sides = [(old, change.old), (new, change.new)]
    heads = [_bytes(package, entry, 4) for package, entry in sides]
    if not all(is_archive(head) for head in heads if head is not None):
        return None
    size = max(entry.size for _, entry in sides if entry)
    if size > limits.nested_size:
        return NestedDiff(None, None, None, f"The archive is {in_words(size)}, too large to open.")
    before, after = (_nested(package, entry) for package, entry in sides)
    for side in (before, after):
        if side and side.inspection is None:
            return NestedDiff(None, before, after, side.reason)
    inside = [side.inspection if side and side.inspection else NOTHING for side in (before, after)]
    return NestedDiff(compare(*inside), before, after)


NOTHING = Inspection.of(())


def _nested(package: Package | None, entry: Entry | None) -> Nested | None:
    data = _bytes(package, entry, entry.size if entry else 0)
    return None if data is None else look_into(data)


def _bytes(package: Package | None, entry: Entry | None, length: int) -> bytes | None:
    if package is None or entry is None:
        return None
    read = read_entries(package.file, {entry.path: length}, size=package.size)
    return read.get(entry.path, b"")


def nested_path(outer: str, inner: str) -> str:
    return f"{outer}{SEPARATOR}{inner}"


def split_path(path: str, entries: Container[str]) -> tuple[str, str] | None:
    """The package's own entry that `path` names, and the path within it or "".

    None if there is no such entry. A file whose own name has `!/` in it comes before a nested one.
    """
    if path in entries:
        return path, ""
    at = path.find(SEPARATOR)
    while at >= 0:
        if path[:at] in entries:
            return path[:at], path[at + len(SEPARATOR) :]
        at = path.find(SEPARATOR, at + 1)
    return None
