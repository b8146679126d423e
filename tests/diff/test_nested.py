"""Archives inside a package are compared like packages, one level deep, and never trusted."""

import io

import pytest

from releases.diff.files import Package, compare_files
from releases.diff.limits import DiffLimits
from releases.diff.nested import NestedDiff, compare_nested, look_into, nested_path, split_path
from releases.diff.tree import ChangeKind, compare
from releases.packages.sizes import Limits
from tests.packages.zips import inspected, zip_of


def compared(old: bytes | None, new: bytes | None, limits: DiffLimits | None = None) -> NestedDiff:
    found = maybe_compared(old, new, limits)
    assert found
    return found


def maybe_compared(
    old: bytes | None, new: bytes | None, limits: DiffLimits | None = None
) -> NestedDiff | None:
    """`lib/app.bin` holds `old` in one package and `new` in the other."""
    datas = [
        zip_of({"same": b""} if inner is None else {"lib/app.bin": inner, "same": b""})
        for inner in (old, new)
    ]
    (change,) = compare(*map(inspected, datas)).changes
    packages = [Package(io.BytesIO(data), len(data)) for data in datas]
    return compare_nested(change, *packages, limits=limits)


def test_files_of_archives_are_compared_and_read() -> None:
    old, new = zip_of({"a.py": b"x = 1\n", "b": b""}), zip_of({"a.py": b"x = 2\n", "b": b""})
    found = compared(old, new)
    assert found.tree and found.old and found.new
    (file,) = compare_files(found.tree.changes, found.old.package, found.new.package)
    assert file.lines and (file.lines.added, file.lines.removed) == (1, 1)
    assert nested_path("lib/app.bin", file.change.path) == "lib/app.bin!/a.py"


@pytest.mark.parametrize("is_new", [True, False])
def test_archive_on_one_side_only_has_its_files_added_or_removed(is_new: bool) -> None:
    inner = zip_of({"a.py": b"1"})
    found = compared(None, inner) if is_new else compared(inner, None)
    assert found.tree
    kind = ChangeKind.ADDED if is_new else ChangeKind.REMOVED
    assert [change.kind for change in found.tree.changes] == [kind]


def test_only_the_content_makes_an_archive() -> None:
    assert maybe_compared(b"no zip", b"no zip either") is None
    assert maybe_compared(zip_of({"a": b""}), b"no zip") is None


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        (zip_of({"../../etc/passwd": b""}), "outside"),
        (zip_of({"zeros": bytes(20_000_000)}), "times its size"),
        (b"PK\x03\x04 and then nothing", "not a zip"),
        (zip_of({"a": b"1"}) + b"tail", "bytes after"),
    ],
)
def test_hostile_archive_is_shown_as_binary_with_the_reason(hostile: bytes, reason: str) -> None:
    found = compared(zip_of({"a": b""}), hostile)
    assert found.tree is None
    assert reason in found.reason


def test_archive_that_is_too_large_is_not_opened() -> None:
    found = compared(zip_of({"a": b""}), zip_of({"b": b""}), DiffLimits(nested_size=10))
    assert (found.tree, found.old) == (None, None)
    assert "too large to open" in found.reason


def test_archive_of_too_many_files_is_not_opened() -> None:
    many = look_into(zip_of(dict.fromkeys("abc", b"")), Limits(entries=2))
    assert many.inspection is None
    assert "3" in many.reason or "more" in many.reason


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.jar", ("a.jar", "")),
        ("a.jar!/x/y", ("a.jar", "x/y")),
        ("b!/c", ("b!/c", "")),
        ("b!/c!/d", ("b!/c", "d")),
        ("a.jar!/b.jar!/c", ("a.jar", "b.jar!/c")),
        ("none!/x", None),
        ("none", None),
    ],
)
def test_nested_path_names_an_entry_and_a_file_within_it(
    path: str, found: tuple[str, str] | None
) -> None:
    assert split_path(path, {"a.jar", "b!/c"}) == found
