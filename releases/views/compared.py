"""The two packages that a round compares, out of the store: their trees, and the files in them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, cast

from releases.diff.files import FileDiff, Package, compare_files
from releases.diff.nested import SEPARATOR, NestedDiff, compare_nested, split_path
from releases.diff.tree import FileChange, TreeDiff, compare
from releases.diff.unshown import Why
from releases.errors import SluiceError
from releases.models import ArtifactKind, Release, Round
from releases.packages.intake import hex_of
from releases.packages.manifest import Inspection
from releases.packages.store import artifacts, package_name

# Trees in memory: by content, so they never go stale. One of 50,000 files takes some 20 MB.
TREES = 4


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
    if round_ is None or is_image(release):
        return None
    new = round_.parts["candidate"]["code_sha256"]
    old = round_.parts["baseline"].get("code_sha256", "")
    return None if old == new else Pair(hex_of(old), hex_of(new))


def is_image(release: Release) -> bool:
    if release.artifact:
        return release.artifact.kind == ArtifactKind.IMAGE
    return release.function.package_type == "Image"


def find(pair: Pair, path: str, *, anyway: bool, ignore_whitespace: bool) -> Found:
    """Compare the file at `path`, which may lie in an archive inside the package.

    Raises KeyError if no such file differs, NotInStore, PackageError.
    """
    change = pair.tree.changes[pair.number_of(path)]
    inner = path[len(change.path) :].removeprefix(SEPARATOR)

    def one(change: FileChange, old: Package | None, new: Package) -> FileDiff:
        found = compare_files(
            [change], old, new, anyway=anyway, ignore_whitespace=ignore_whitespace
        )
        return next(iter(found))

    with pair.packages() as (old, new):
        if not inner:
            diff = one(change, old, new)
            return Found(diff, _nested(diff, old, new))
        nested = compare_nested(change, old, new)
        if nested is None or nested.tree is None:
            raise KeyError(path)
        within = {each.path: each for each in nested.tree.changes}[inner]
        sides = [side.package if side else None for side in (nested.old, nested.new)]
        return Found(one(within, sides[0], sides[1] or new))


def _nested(diff: FileDiff, old: Package | None, new: Package) -> NestedDiff | None:
    # No archive is a text, so only what could not be shown is looked into.
    if diff.not_shown is None or diff.not_shown.why is Why.MINIFIED:
        return None
    return compare_nested(diff.change, old, new)


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
