"""One changed file, read out of both packages and compared as far as it can be."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from releases.diff.entries import read_entries
from releases.diff.limits import DiffLimits
from releases.diff.lines import LineDiff, compare_lines
from releases.diff.text import ABSENT, Text, decode, is_binary_head
from releases.diff.tree import ChangeKind, FileChange
from releases.diff.unshown import NotShown, binary, minified, too_large, too_many_lines
from releases.packages.manifest import Entry


@dataclass(frozen=True)
class Package:
    """A stored package that was inspected, open for reading."""

    file: BinaryIO
    size: int


@dataclass(frozen=True)
class FileDiff:
    """What is known of one changed file: its lines, or why they are not shown.

    Neither for a file whose bytes are the same and only its path or mode differs.
    """

    change: FileChange
    lines: LineDiff | None = None
    not_shown: NotShown | None = None


def compare_files(
    changes: Iterable[FileChange],
    old: Package | None,
    new: Package,
    *,
    limits: DiffLimits | None = None,
    anyway: bool = False,
    ignore_whitespace: bool = False,
) -> Iterator[FileDiff]:
    """Compare what `changes` names, reading each package's directory once.

    `anyway` is a reviewer's wish to see what is large or minified. Raises PackageError.
    """
    limits = limits or DiffLimits()
    changes = list(changes)
    before = _read(old, [change.old for change in changes if _differs(change)], limits, anyway)
    after = _read(new, [change.new for change in changes if _differs(change)], limits, anyway)
    for change in changes:
        yield compare_file(
            change,
            before.get(change.old_path, b""),
            after.get(change.path, b""),
            limits=limits,
            anyway=anyway,
            ignore_whitespace=ignore_whitespace,
        )


def compare_file(
    change: FileChange,
    old: bytes,
    new: bytes,
    *,
    limits: DiffLimits,
    anyway: bool = False,
    ignore_whitespace: bool = False,
) -> FileDiff:
    """Compare one file's bytes; of one that is too large its beginning will do."""
    if not _differs(change):
        return FileDiff(change)
    size = max(entry.size for entry in (change.old, change.new) if entry)
    if size > _allowed(limits, anyway):
        is_binary = is_binary_head(old) or is_binary_head(new)
        return FileDiff(change, not_shown=binary() if is_binary else too_large(size, limits))
    before = decode(old) if change.old else ABSENT
    after = decode(new) if change.new else ABSENT
    if before is None or after is None:
        return FileDiff(change, not_shown=binary())
    if why := _why_not(before, after, limits, anyway):
        return FileDiff(change, not_shown=why)
    return FileDiff(change, compare_lines(before, after, ignore_whitespace=ignore_whitespace))


def _differs(change: FileChange) -> bool:
    return change.kind not in {ChangeKind.RENAMED, ChangeKind.MODE}


def _allowed(limits: DiffLimits, anyway: bool) -> int:
    return limits.size_cap if anyway else limits.file_size


def _read(
    package: Package | None, entries: list[Entry | None], limits: DiffLimits, anyway: bool
) -> dict[str, bytes]:
    if package is None:
        return {}
    allowed = _allowed(limits, anyway)
    wanted = {
        entry.path: entry.size if entry.size <= allowed else limits.head
        for entry in entries
        if entry
    }
    return read_entries(package.file, wanted, size=package.size)


def _why_not(old: Text, new: Text, limits: DiffLimits, anyway: bool) -> NotShown | None:
    # Counted before the texts are split: a line of one byte costs fifty as an object.
    count = max(text.content.count("\n") for text in (old, new))
    if count > (limits.lines_cap if anyway else limits.file_lines):
        return too_many_lines(count, limits)
    longest = max((len(line) for text in (old, new) for line in text.lines), default=0)
    if longest > limits.line_length and not anyway:
        return minified(longest)
    return None
