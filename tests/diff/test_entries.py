"""Files are read out of a stored package by path, never more of them than asked for."""

import io
import zipfile

import pytest
from hypothesis import given

from releases.diff.entries import read_entries
from releases.packages.errors import PackageError
from tests.diff.packages import PATHS, Tree, opened, pairs
from tests.packages.zips import zip_of


class Watched(io.BytesIO):
    """Counts the bytes that are read from it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


@given(pairs())
def test_every_file_is_read_as_it_was_packed(pair: tuple[Tree, Tree]) -> None:
    tree, _ = pair
    file, size = opened(tree)
    assert read_entries(file, dict.fromkeys(tree, 1000), size=size) == tree


def test_no_more_is_given_or_read_than_asked() -> None:
    data = zip_of({"big": bytes(4_000_000), "a": b"a"}, compression=zipfile.ZIP_STORED)
    file = Watched(data)
    assert read_entries(file, {"big": 10}, size=len(data)) == {"big": bytes(10)}
    assert file.taken < 1_000_000


def test_paths_that_are_not_there_are_left_out() -> None:
    file, size = opened({"a": b"1"})
    assert read_entries(file, {"a": 1, "b": 1}, size=size) == {"a": b"1"}


def test_names_with_dots_and_doubled_slashes_are_found_by_their_path() -> None:
    file, size = opened({"./lib//a.py": b"1", "lib/": b"", "b": b"2"})
    assert read_entries(file, {"lib/a.py": 9, "b": 9}, size=size) == {"lib/a.py": b"1", "b": b"2"}


def test_damaged_entry_is_refused() -> None:
    data = zip_of({"a": b"secret text"}, compression=zipfile.ZIP_STORED)
    damaged = data.replace(b"secret text", b"forged text")
    with pytest.raises(PackageError, match="checksum"):
        read_entries(io.BytesIO(damaged), {"a": 100}, size=len(damaged))


@given(PATHS)
def test_nothing_asked_reads_nothing(path: str) -> None:
    file = Watched(zip_of({path: b""}))
    assert read_entries(file, {}, size=1) == {}
    assert file.taken == 0
