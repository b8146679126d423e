"""Archives damaged on purpose: each is refused or read in the one way in which it can be read."""

from __future__ import annotations

import io
import resource
import stat
import struct
import zipfile
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from releases.packages.errors import PackageError
from releases.packages.inspect import inspect
from releases.packages.manifest import Inspection
from releases.packages.sizes import Limits
from tests.fuzzing import tried
from tests.packages.hostile import MB, Raw, deflated, raw_zip, second_name, zeros
from tests.packages.zips import link_to, zip_of

FILES = {"app.py": b"print('hello')\n" * 40, "lib/b.txt": b"text", "lib/": b""}
BASES = [
    zip_of(FILES),
    zip_of(FILES, compression=zipfile.ZIP_STORED, comment=b"PK\x05\x06 a comment"),
    zip_of({"\u00e9/\u6570.py": b"1", "x\u202ey": b"2"}),
    link_to("app.py"),
    raw_zip(Raw(packed=deflated(b"")), zeros(MB)),
    second_name(b"app.py"),
]
SIGNATURES = (
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
    b"PK\x07\x08",
)
EXTREMES = (0, 1, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)
NAMES = (
    b"../x",
    b"/etc/x",
    b"C:\\x",
    b"a\\b",
    b"a\0b",
    b"\xff\xfe",
    b"x" * 300,
    b"./",
    b"",
    b"a/../b",
)
LIMITS = Limits(unzipped=8 * MB, entries=500, ratio_over=2 * MB)
# What the whole run may take on top; one archive unpacked into memory would be as much.
MEMORY = 96 * MB

Change = Callable[[bytes], bytes]


def field(where: int, skip: int, value: int, layout: str) -> Change:
    """A field of the nth header, whichever kind it is, set to an extreme."""

    def change(data: bytes) -> bytes:
        at = [i for i in range(len(data) - 3) if data[i : i + 4] in SIGNATURES]
        if not at:
            return data
        start, size = at[where % len(at)] + 4 + skip, struct.calcsize(layout)
        packed = struct.pack(layout, value & (1 << 8 * size) - 1)
        return data[:start] + packed + data[start + size :]

    return change


def renamed(old: bytes, new: bytes) -> Change:
    return lambda data: data.replace(old, new)


changes = st.one_of(
    st.builds(
        field,
        st.integers(0, 9),
        st.integers(0, 44),
        st.sampled_from(EXTREMES) | st.integers(0, 1 << 32),
        st.sampled_from(["<B", "<H", "<L"]),
    ),
    st.builds(lambda n: lambda data: data[: n % (len(data) + 1)], st.integers(0, 4000)),
    st.builds(lambda n: lambda data: data[n % (len(data) + 1) :], st.integers(0, 4000)),
    st.builds(
        lambda more: lambda data: data + more, st.sampled_from(BASES) | st.binary(max_size=40)
    ),
    st.builds(
        lambda more: lambda data: more + data, st.sampled_from(BASES) | st.binary(max_size=40)
    ),
    st.builds(renamed, st.sampled_from([b"app.py", b"lib/b.txt"]), st.sampled_from(NAMES)),
    st.builds(renamed, st.sampled_from(SIGNATURES), st.sampled_from(SIGNATURES)),
    st.builds(
        lambda at, junk: (
            lambda data: data[: at % len(data)] + junk + data[at % len(data) :] if data else junk
        ),
        st.integers(0, 4000),
        st.binary(min_size=1, max_size=30),
    ),
)


def is_safe(inspection: Inspection) -> bool:
    return all(
        entry.path
        and not entry.path.startswith("/")
        and not {"..", ".", ""} & set(entry.path.split("/"))
        and "\\" not in entry.path
        and "\0" not in entry.path
        and stat.S_IFMT(entry.mode) in {0, stat.S_IFREG, stat.S_IFLNK}
        for entry in inspection.entries
    )


def as_zipfile_reads(data: bytes) -> dict[str, int]:
    """Names and sizes as Python's own reader unpacks them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        return {info.orig_filename: len(archive.read(info)) for info in infos}


@tried(300)
@given(st.sampled_from(BASES), st.lists(changes, min_size=1, max_size=4))
def test_a_damaged_archive_is_refused_or_has_one_reading(base: bytes, done: list[Change]) -> None:
    data = base
    for change in done:
        data = change(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        inspection = inspect(io.BytesIO(data), size=len(data), limits=LIMITS)
    except PackageError as error:
        assert error.code and error.message.isprintable() and error.advice
    else:
        assert is_safe(inspection)
        assert inspection.unzipped_size < LIMITS.unzipped
        read = as_zipfile_reads(data)
        assert sorted(read.values()) == sorted(entry.size for entry in inspection.entries)
        assert len(read) == len(inspection.entries)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MEMORY
