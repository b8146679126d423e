"""Pairs of packages that share some files, as two builds of one function do."""

import io

from hypothesis import strategies as st

from releases.diff.tree import FileChange, TreeDiff, compare
from releases.packages.manifest import Inspection
from tests.packages.zips import inspected, zip_of

Tree = dict[str, bytes]
# Few, so that two trees often have the same; folders end in `_`, so that none is also a file.
PATHS = st.lists(st.sampled_from(["a.py", "b.js", "é", "\u202egnp"]), min_size=1, max_size=3).map(
    "_/".join
)
LINES = st.sampled_from(["x = 1", "x  =  1", "", "'''", "<b>&amp;", "\u202e", "é\r", "}\f", "\x1b"])
TEXTS = st.lists(LINES, max_size=12).flatmap(
    lambda lines: st.sampled_from(["\n".join(lines), "\n".join([*lines, ""])])
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])


@st.composite
def encoded(draw: st.DrawFn) -> bytes:
    return draw(TEXTS).encode(draw(ENCODINGS), errors="replace")


FILES = st.one_of(encoded(), encoded(), st.binary(max_size=60))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Tree, Tree]:
    """An old tree and a new one, where contents come back under the same or other paths."""
    pool = draw(st.lists(FILES, min_size=1, max_size=6))
    trees = st.dictionaries(PATHS, st.sampled_from(pool), min_size=1, max_size=6)
    return draw(trees), draw(trees)


def manifest(tree: Tree, modes: dict[str, int] | None = None) -> Inspection:
    return inspected(zip_of(tree, modes=modes))


def tree_diff(old: Tree, new: Tree) -> TreeDiff:
    return compare(manifest(old), manifest(new))


def opened(tree: Tree) -> tuple[io.BytesIO, int]:
    data = zip_of(tree)
    return io.BytesIO(data), len(data)


def by_path(diff: TreeDiff) -> dict[str, FileChange]:
    return {change.path: change for change in diff.changes}
