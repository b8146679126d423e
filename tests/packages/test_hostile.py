"""Packages made to harm end in a refusal that says why, in bounded memory and time."""

import time
import tracemalloc

import pytest

from releases.packages.errors import PackageError
from tests.packages.hostile import HARMLESS, SMALL, second_name
from tests.packages.zips import inspected

MB = 1 << 20
# Three times what was measured at most; an archive unpacked into memory would be 64 MB and more.
MEMORY, SECONDS = 48 * MB, 5.0


@pytest.mark.parametrize("name", SMALL)
def test_each_is_refused_with_its_reason_within_bounds(name: str) -> None:
    code, make = SMALL[name]
    data = make()
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(PackageError) as refused:
        inspected(data)
    took, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    error = refused.value
    assert (error.code, bool(error.message), bool(error.advice)) == (code, True, True)
    assert peak < MEMORY
    assert took < SECONDS


def test_an_archive_in_an_archive_is_one_file() -> None:
    inspection = inspected(HARMLESS["archives in archives, four deep"]())
    assert [entry.path for entry in inspection.entries] == [f"{n}.zip" for n in range(10)]


def test_a_second_name_that_says_the_same_is_fine() -> None:
    assert inspected(second_name(b"app.py")).entries[0].path == "app.py"
