"""The two packages that a round compares, out of the store: their trees, and the files in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import Lock
from typing import BinaryIO, cast

from releases.diff.entries import read_entries
from releases.diff.files import FileDiff, Package, compare_file, compare_files
from releases.diff.limits import DiffLimits
from releases.diff.nested import SEPARATOR, NestedDiff, compare_nested, split_path
from releases.diff.tree import FileChange, TreeDiff, compare
from releases.diff.unshown import Why
from releases.errors import SluiceError
from releases.models import Release, Round
from releases.packages.errors import PackageError
from releases.packages.intake import hex_of
from releases.packages.manifest import Entry, Inspection
from releases.packages.store import artifacts, package_name

# Trees in memory: by content, so they never go stale. One of 50,000 files takes some 20 MB.
TREES = 4
# Small files in memory: at most BLOCKS * BLOCK * 2 * SMALL bytes, 25 MB.
BLOCKS, BLOCK, SMALL = 8, 25, 64 * 1024
READING = Lock()


class NotInStore(SluiceError):
    """A package was compared once and has been lost since."""


@dataclass(frozen=True)
class Pair:
    """Two packages by their SHA-256 in hex; `old` is empty where nothing is live."""

    old: str
    new: str

    @property
    def tree(self) -> TreeDiff:
        """Raises NotInStore."""
        return _tree(self.old, self.new)

    def number_of(self, path: str) -> int:
        """Where a file, or the archive that it lies in, stands in the list. Raises KeyError."""
        numbers = _numbers(self.old, self.new)
        parts = split_path(path, numbers)
        if parts is None:
            raise KeyError(path)
        return numbers[parts[0]]

    @contextmanager
    def packages(self) -> Iterator[tuple[Package | None, Package]]:
        """Both, open for reading. Raises NotInStore."""
        with ExitStack() as stack:
            old = _open(self.old, stack) if self.old else None
            yield old, _open(self.new, stack)


@dataclass(frozen=True)
class Found:
    """One file of the difference; `nested` if it is an archive that could be looked into."""

    diff: FileDiff
    nested: NestedDiff | None = None


def pair_of(release: Release, round_: Round | None) -> Pair | None:
    """The packages of a round, or None where there are no two zips that differ."""
    if round_ is None or release.is_image:
        return None
    new = round_.parts["candidate"]["code_sha256"]
    old = round_.parts["baseline"].get("code_sha256", "")
    return None if old == new else Pair(hex_of(old), hex_of(new))


def find(pair: Pair, path: str, *, anyway: bool, ignore_whitespace: bool) -> Found:
    """Compare the file at `path`, which may lie in an archive inside the package.

    Raises KeyError if no such file differs, NotInStore, PackageError.
    """
    number = pair.number_of(path)
    change = pair.tree.changes[number]
    files = partial(compare_files, anyway=anyway, ignore_whitespace=ignore_whitespace)
    one = partial(compare_file, anyway=anyway, ignore_whitespace=ignore_whitespace)
    known = _small_files(pair, number).get(path)
    if known:
        diff = one(change, *known, limits=DiffLimits())
        if diff.not_shown is None:
            return Found(diff)
    with pair.packages() as (old, new):
        if inner := path[len(change.path) :].removeprefix(SEPARATOR):
            return Found(next(files(*_inside(change, inner, old, new))))
        diff = next(files([change], old, new))
        return Found(diff, _nested(diff, old, new))


def _inside(
    archive: FileChange, path: str, old: Package | None, new: Package
) -> tuple[list[FileChange], Package | None, Package]:
    """The file at `path` within an archive, and the archive's two sides. Raises KeyError."""
    nested = compare_nested(archive, old, new)
    if nested is None or nested.tree is None:
        raise KeyError(path)
    change = {each.path: each for each in nested.tree.changes}[path]
    before, after = (side.package if side else None for side in (nested.old, nested.new))
    # Where the archive is gone, nothing is read from the new side.
    return [change], before, after or new


def _nested(diff: FileDiff, old: Package | None, new: Package) -> NestedDiff | None:
    # No archive is a text, so only what could not be shown is looked into.
    if diff.not_shown is None or diff.not_shown.why is Why.MINIFIED:
        return None
    return compare_nested(diff.change, old, new)


def _small_files(pair: Pair, number: int) -> dict[str, tuple[bytes, bytes]]:
    """The bytes of the small files around this one: a package's directory is read once for all."""
    # One at a time: the sections of a page are asked for together, and want the same ones.
    with READING:
        return _block(pair, number // BLOCK)


@lru_cache(maxsize=BLOCKS)
def _block(pair: Pair, block: int) -> dict[str, tuple[bytes, bytes]]:
    around = pair.tree.changes[block * BLOCK : (block + 1) * BLOCK]
    small = [each for each in around if _is_small(each.old) and _is_small(each.new)]
    wanted = [{e.path: e.size for e in side if e} for side in _sides(small)]
    try:
        with pair.packages() as (old, new):
            before = read_entries(old.file, wanted[0], size=old.size) if old else {}
            after = read_entries(new.file, wanted[1], size=new.size)
    except PackageError:
        # One of them is damaged: each is read for itself, and says so.
        return {}
    return {
        each.path: (before.get(each.old_path, b""), after.get(each.path, b"")) for each in small
    }


def _sides(changes: list[FileChange]) -> tuple[list[Entry | None], list[Entry | None]]:
    return [each.old for each in changes], [each.new for each in changes]


def _is_small(entry: Entry | None) -> bool:
    return entry is None or entry.size <= SMALL


@lru_cache(maxsize=TREES)
def _tree(old: str, new: str) -> TreeDiff:
    return compare(_manifest(old) if old else None, _manifest(new))


@lru_cache(maxsize=TREES)
def _numbers(old: str, new: str) -> dict[str, int]:
    return {change.path: at for at, change in enumerate(_tree(old, new).changes)}


def _manifest(sha256: str) -> Inspection:
    try:
        found = artifacts().manifest(sha256)
    except (OSError, ValueError):
        found = None
    if found is None:
        raise NotInStore("What was found in a package is no longer in Sluice's store.")
    return found


def _open(sha256: str, stack: ExitStack) -> Package:
    store, name = artifacts(), package_name(sha256)
    try:
        file = stack.enter_context(store.open(name))
        return Package(cast(BinaryIO, file), store.storage.size(name))
    except OSError:
        raise NotInStore("A package is no longer in Sluice's store.") from None
