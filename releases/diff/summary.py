"""What happened to the files, in one phrase: the same on every page and in the history."""

from releases.diff.tree import ChangeKind, TreeDiff

NOTHING = "nothing to release"
FIRST = "first package"
IDENTICAL = "identical content, new archive hash"


def files_in_words(diff: TreeDiff | None, *, same_hash: bool) -> str:
    """A phrase for `diff`, which may be missing only if the hashes are equal."""
    if same_hash:
        return NOTHING
    if diff is None:
        raise ValueError("Packages with different hashes have a difference")
    if not diff.has_baseline:
        return FIRST
    modes = diff.count(ChangeKind.MODE)
    if diff.identical_content:
        # Said all the same: a bootstrap that lost its mode does not start.
        return f"{IDENTICAL}, mode of {_files(modes)} changed" if modes else IDENTICAL
    return ", ".join(_parts(diff, modes)) or IDENTICAL


def _parts(diff: TreeDiff, modes: int) -> list[str]:
    kinds = (ChangeKind.CHANGED, ChangeKind.ADDED, ChangeKind.REMOVED, ChangeKind.RENAMED)
    counted = [(diff.count(kind), kind.value) for kind in kinds if diff.count(kind)]
    # Only the first says what is counted: "3 files changed, 1 added".
    parts = [
        f"{count:,} {word}" if place else f"{_files(count)} {word}"
        for place, (count, word) in enumerate(counted)
    ]
    return [*parts, f"mode of {_files(modes)} changed"] if modes else parts


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
