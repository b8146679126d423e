"""Which files of two packages differ, and how, told by their manifests alone."""

import enum
import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from releases.packages.manifest import Entry, Inspection

PERMISSIONS = 0o7777


class ChangeKind(enum.Enum):
    """What happened to one file; the value is the word for it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"
    MODE = "mode changed"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that is not the same on both sides. A renamed one has its new path."""

    path: str
    kind: ChangeKind
    old: Entry | None
    new: Entry | None

    @property
    def old_path(self) -> str:
        return self.old.path if self.old else self.path

    @property
    def is_mode_changed(self) -> bool:
        return bool(self.old and self.new and _mode(self.old) != _mode(self.new))


@dataclass(frozen=True)
class TreeDiff:
    """All files that differ, in the order of their paths, and how many do not."""

    changes: tuple[FileChange, ...]
    unchanged: int
    # Only zip order, times or modes differ: what the function reads is the same.
    identical_content: bool
    has_baseline: bool = True

    def count(self, kind: ChangeKind) -> int:
        return self.counts[kind]

    @property
    def counts(self) -> Counter[ChangeKind]:
        return Counter(change.kind for change in self.changes)


def compare(old: Inspection | None, new: Inspection) -> TreeDiff:
    """Compare the manifests of two packages; without an old one every file is added."""
    before = {entry.path: entry for entry in old.entries} if old else {}
    after = {entry.path: entry for entry in new.entries}
    changes, gone, come = [], [], []
    for path, entry in before.items():
        other = after.get(path)
        if other is None:
            gone.append(entry)
        elif (kind := _kind(entry, other)) is not None:
            changes.append(FileChange(path, kind, entry, other))
    come = [entry for path, entry in after.items() if path not in before]
    unchanged = len(after) - len(come) - len(changes)
    changes += _moves(gone, come)
    changes.sort(key=lambda change: change.path.encode())
    identical = old is not None and old.content_digest == new.content_digest
    return TreeDiff(tuple(changes), unchanged, identical, has_baseline=old is not None)


def _kind(old: Entry, new: Entry) -> ChangeKind | None:
    if old.sha256 != new.sha256 or old.is_link != new.is_link:
        return ChangeKind.CHANGED
    return ChangeKind.MODE if _mode(old) != _mode(new) else None


def _mode(entry: Entry) -> int:
    # Some archivers leave the kind out; whether it is a link is compared for itself.
    return entry.mode & PERMISSIONS


def _moves(gone: list[Entry], come: list[Entry]) -> Iterable[FileChange]:
    renamed = {new.path: old for old, new in _renames(gone, come)}
    left = {old.path for old in renamed.values()}
    for entry in come:
        source = renamed.get(entry.path)
        kind = ChangeKind.RENAMED if source else ChangeKind.ADDED
        yield FileChange(entry.path, kind, source, entry)
    for entry in gone:
        if entry.path not in left:
            yield FileChange(entry.path, ChangeKind.REMOVED, entry, None)


def _renames(gone: list[Entry], come: list[Entry]) -> Iterable[tuple[Entry, Entry]]:
    """Pair files of the same bytes: first those that kept their name, then in order of path."""
    sources, targets = _by_content(gone), _by_content(come)
    for key, olds in sources.items():
        news = targets.get(key, [])
        moved = list(_same_names(olds, news))
        paired = {entry.path for pair in moved for entry in pair}
        yield from moved
        yield from zip(
            [entry for entry in olds if entry.path not in paired],
            [entry for entry in news if entry.path not in paired],
            strict=False,
        )


def _by_content(entries: list[Entry]) -> dict[tuple[str, bool], list[Entry]]:
    groups: dict[tuple[str, bool], list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.path.encode()):
        # All empty files are alike, which does not make one of them another.
        if entry.size:
            groups[entry.sha256, entry.is_link].append(entry)
    return groups


def _same_names(olds: list[Entry], news: list[Entry]) -> Iterable[tuple[Entry, Entry]]:
    waiting: dict[str, list[Entry]] = defaultdict(list)
    for entry in reversed(olds):
        waiting[posixpath.basename(entry.path)].append(entry)
    for entry in news:
        if same := waiting[posixpath.basename(entry.path)]:
            yield same.pop(), entry
