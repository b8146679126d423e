"""What no package may be is refused with a sentence that says what, where and what to do."""

import stat
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.packages.errors import PackageError
from releases.packages.sizes import Limits
from tests.packages.zips import inspected, link_to, refusal, zip_of

PLAIN = zip_of({"app.py": b"print('hello')\n" * 40, "lib/b.txt": b"text", "lib/": b""})
DIRECTORY = PLAIN.index(b"PK\x01\x02")


def patched(at: int, layout: str, value: int, data: bytes = PLAIN) -> bytes:
    changed = bytearray(data)
    struct.pack_into(layout, changed, at, value)
    return bytes(changed)


def test_refusal_says_what_where_and_what_to_do() -> None:
    error = refusal(zip_of({"../../etc/passwd": b""}))
    assert error.code == "outside"
    assert error.message == (
        "The archive's entry `../../etc/passwd` would be written outside the function's folder."
    )
    assert error.advice == "Build the zip from inside your project folder and upload it again."


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "a/../../b", "C:/a", "C:a", "..\\a", "\\\\host\\a"]
)
def test_names_that_lead_outside_are_refused(name: str) -> None:
    assert refusal(zip_of({name: b""})).code == "outside"


@pytest.mark.parametrize("name", ["lib\\a.py", ".", "x/" * 600 + "x", "x" * 256])
def test_names_that_lambda_cannot_write_are_refused(name: str) -> None:
    assert refusal(zip_of({name: b""})).code == "bad-name"


def test_name_with_a_nul_is_refused() -> None:
    assert refusal(zip_of({"app.py!x": b""}).replace(b"app.py!", b"app.py\0")).code == "bad-name"


def test_hostile_name_is_shown_escaped_and_short() -> None:
    message = refusal(zip_of({"/\u202egnp.`\n" + "x" * 500: b""})).message
    assert r"\u202egnp.\x60\n" in message
    assert len(message) < 250


@pytest.mark.parametrize("names", [("a", "./a"), ("a", "a/b"), ("a", "a/"), ("a/b/c", "a/b")])
def test_two_entries_for_one_path_are_refused(names: tuple[str, ...]) -> None:
    assert refusal(zip_of(dict.fromkeys(names, b""))).code == "duplicate-name"


@pytest.mark.parametrize(
    "data", [b"", b"no zip", b"\x1f\x8b" + bytes(100), PLAIN[:-30], PLAIN[:99]]
)
def test_what_is_no_zip_gets_the_words_of_aws(data: bytes) -> None:
    error = refusal(data)
    assert error.code == "not-a-zip"
    assert "Could not unzip uploaded file" in error.advice


@pytest.mark.parametrize("files", [{}, {"lib/": b""}])
def test_zip_without_files_gets_the_words_of_aws(files: dict[str, bytes]) -> None:
    error = refusal(zip_of(files))
    assert error.code == "empty-zip"
    assert "Uploaded file must be a non-empty zip" in error.advice


@pytest.mark.parametrize("data", [b"#!/bin/sh\n" + PLAIN, PLAIN + PLAIN, PLAIN + b"more"])
def test_bytes_around_the_archive_are_refused(data: bytes) -> None:
    assert refusal(data).code == "hidden-bytes"


def test_bytes_between_entries_are_refused() -> None:
    end = len(PLAIN) - 22
    data = PLAIN[:DIRECTORY] + b"hidden" + PLAIN[DIRECTORY:]
    assert refusal(patched(end + 6 + 16, "<L", DIRECTORY + 6, data)).code == "hidden-bytes"


def test_entries_that_share_bytes_are_refused() -> None:
    second = PLAIN.index(b"PK\x01\x02", DIRECTORY + 1)
    assert refusal(patched(second + 42, "<L", 0)).code == "damaged"
    assert refusal(zip_within_itself()).code == "overlapping"


def zip_within_itself() -> bytes:
    """The first entry's bytes hold the second entry, listed in the directory as well."""
    inner = zip_of({"inner": b"x"}, compression=zipfile.ZIP_STORED)
    header, listed = inner.split(b"PK\x01\x02")[0], inner[inner.index(b"PK\x01\x02") : -22]
    outer = zip_of({"outer": header}, compression=zipfile.ZIP_STORED)
    listed = patched(42, "<L", outer.index(header), listed)
    data = outer[:-22] + listed + outer[-22:]
    end = len(data) - 22
    for at in (8, 10):
        data = patched(end + at, "<H", 2, data)
    return patched(end + 12, "<L", end - outer.index(b"PK\x01\x02"), data)


def test_more_content_than_declared_is_refused() -> None:
    # Declared in both places, with the checksum of what was declared.
    short = zlib.crc32(b"print")
    data = patched(DIRECTORY + 24, "<L", 5, patched(22, "<L", 5))
    data = patched(DIRECTORY + 16, "<L", short, patched(14, "<L", short, data))
    assert refusal(data).code == "lying-size"


def test_less_content_than_declared_is_refused() -> None:
    assert refusal(patched(DIRECTORY + 24, "<L", 900, patched(22, "<L", 900))).code == "lying-size"


def test_wrong_checksum_is_refused() -> None:
    data = patched(DIRECTORY + 16, "<L", 7, patched(14, "<L", 7))
    assert refusal(data).message == (
        "The archive's entry `app.py` does not have the checksum the archive says."
    )


def test_count_that_hides_entries_is_refused() -> None:
    assert refusal(patched(len(PLAIN) - 12, "<H", 1)).code == "damaged"


def test_header_that_differs_from_the_directory_is_refused() -> None:
    assert refusal(PLAIN.replace(b"app.py", b"bad.py", 1)).code == "damaged"


def test_name_in_another_encoding_than_the_directory_says_is_refused() -> None:
    data = zip_of({"\u00e9.py": b""})
    assert data[7] == 8
    assert refusal(patched(6, "<H", 0, data)).code == "damaged"


def test_password_is_refused() -> None:
    assert refusal(patched(DIRECTORY + 8, "<H", 1)).code == "encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(method: int) -> None:
    data = zip_of({"a": b"a" * 99}, compression=method)
    assert refusal(data).code == "unsupported-compression"


@pytest.mark.parametrize("kind", [stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_devices_are_refused(kind: int) -> None:
    assert refusal(zip_of({"a": b""}, modes={"a": kind | 0o644})).code == "special-file"


@pytest.mark.parametrize("target", ["/etc/passwd", "../x", "a/../../x", "a/../x", "", "a\0b"])
def test_links_that_leave_the_folder_are_refused(target: str) -> None:
    assert refusal(link_to(target)).code == "link-outside"


@pytest.mark.parametrize(("size", "is_fine"), [(999, True), (1000, False)])
def test_package_unpacks_to_less_than_the_limit(size: int, is_fine: bool) -> None:
    data, limits = zip_of({"a": b"x" * size}), Limits(unzipped=1000)
    if is_fine:
        assert inspected(data, limits).unzipped_size == size
    else:
        assert refusal(data, limits).code == "unzipped-too-large"


def test_bomb_is_refused_before_it_is_unpacked() -> None:
    assert refusal(zip_of({"zeros": bytes(32 * 1024 * 1024)})).code == "bomb"


def test_small_archive_may_pack_as_well_as_it_can() -> None:
    assert inspected(zip_of({"zeros": bytes(1024 * 1024)})).entries


@pytest.mark.parametrize("limits", [Limits(entries=9), Limits(directory=200)])
def test_endless_directory_is_refused_before_it_is_parsed(limits: Limits) -> None:
    data = zip_of({f"file-{number}": b"" for number in range(10)})
    assert refusal(data, limits).code == "too-many-entries"


@given(st.data())
def test_any_damage_is_either_harmless_or_refused(data: st.DataObject) -> None:
    mutated = bytearray(PLAIN)
    for _ in range(data.draw(st.integers(1, 6))):
        mutated[data.draw(st.integers(0, len(PLAIN) - 1))] = data.draw(st.integers(0, 255))
    start, end = data.draw(st.integers(0, 3)), data.draw(st.integers(0, len(PLAIN)))
    try:
        inspected(bytes(mutated[start:] if end % 2 else mutated[:end]))
    except PackageError as error:
        assert error.message
        assert error.advice


@given(st.sampled_from([DIRECTORY, len(PLAIN) - 22]), st.integers(4, 45), st.binary(max_size=4))
def test_damaged_directory_is_either_harmless_or_refused(at: int, skip: int, junk: bytes) -> None:
    mutated = bytearray(PLAIN)
    mutated[at + skip : at + skip + len(junk)] = junk
    try:
        inspected(bytes(mutated[: len(PLAIN)]))
    except PackageError as error:
        assert error.code
