"""A package is read from end to end: what it holds, and whether it is the same as another."""

import hashlib
import stat
import zipfile
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releases.packages.manifest import from_json, to_json
from tests.packages.zips import inspected, link_to, zip_of

ELF = b"\x7fELF\x02\x01" + bytes(12)
PARTS = st.sampled_from(["app", "lib", "data.txt", "é", "x" * 40])


@st.composite
def trees(draw: st.DrawFn) -> dict[str, bytes]:
    """Files by path; every folder ends in `_`, so that none is a file as well."""
    paths = st.lists(PARTS, min_size=1, max_size=4).map("_/".join)
    return draw(st.dictionaries(paths, st.binary(max_size=200), min_size=1, max_size=8))


def test_every_file_is_listed_with_size_mode_and_hash() -> None:
    inspection = inspected(zip_of({"b/c.txt": b"text", "a.py": b""}, modes={"a.py": 0o100755}))
    first, second = inspection.entries
    assert (first.path, first.size, first.mode) == ("a.py", 0, 0o100755)
    assert second.sha256 == hashlib.sha256(b"text").hexdigest()
    assert inspection.unzipped_size == 4


def test_folders_are_not_listed() -> None:
    inspection = inspected(zip_of({"lib/": b"", "lib/a.py": b""}))
    assert [entry.path for entry in inspection.entries] == ["lib/a.py"]


def test_mode_of_all_ones_means_unknown() -> None:
    unknown = dict.fromkeys(("META-INF/", "META-INF/a"), 0xFFFF)
    inspection = inspected(zip_of(dict.fromkeys(unknown, b""), modes=unknown))
    assert [entry.mode for entry in inspection.entries] == [0]


def test_dots_and_doubled_slashes_in_paths_mean_nothing() -> None:
    assert inspected(zip_of({"./lib//a.py": b""})).entries[0].path == "lib/a.py"


def test_archive_comment_is_allowed() -> None:
    assert inspected(zip_of({"a.py": b""}, comment=b"f" * 40)).entries


def test_link_inside_the_folder_is_listed_as_a_link() -> None:
    inspection = inspected(link_to("app.py"))
    assert [entry.is_link for entry in inspection.entries] == [False, True]


@given(trees(), st.randoms(use_true_random=False))
def test_order_times_modes_and_compression_do_not_change_the_content_digest(
    tree: dict[str, bytes], random: Random
) -> None:
    names = list(tree)
    random.shuffle(names)
    modes = {name: random.choice([0, 0o100644, 0o100755]) for name in names}
    compression = random.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
    other = zip_of({name: tree[name] for name in names}, modes=modes, compression=compression)
    assert inspected(other).content_digest == inspected(zip_of(tree)).content_digest


@given(trees(), trees())
def test_other_files_have_another_content_digest(
    one: dict[str, bytes], other: dict[str, bytes]
) -> None:
    digests = {inspected(zip_of(tree)).content_digest for tree in (one, other)}
    assert len(digests) == (1 if one == other else 2)


def test_link_is_not_the_same_as_a_file_that_holds_its_target() -> None:
    link, file = (
        zip_of({"a": b"b", "b": b""}, modes={"a": kind | 0o777})
        for kind in (stat.S_IFLNK, stat.S_IFREG)
    )
    assert inspected(link).content_digest != inspected(file).content_digest


@given(trees())
def test_manifest_survives_being_written_down(tree: dict[str, bytes]) -> None:
    inspection = inspected(zip_of(tree))
    assert from_json(to_json(inspection)) == inspection


@pytest.mark.parametrize("text", ["[]", '{"format": 2}'])
def test_manifest_of_another_format_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="format 1"):
        from_json(text)


@pytest.mark.parametrize(
    ("head", "machine"),
    [
        (ELF + b"\x3e\x00", "x86_64"),
        (ELF + b"\xb7\x00", "arm64"),
        (ELF + b"\xf3\x00", "ELF machine 0xf3"),
        (b"\xcf\xfa\xed\xfe", "macos"),
        (ELF, ""),
        (b"#!/bin/sh", ""),
    ],
)
def test_native_files_tell_what_they_are_built_for(head: bytes, machine: str) -> None:
    inspection = inspected(zip_of({"lib/native.so": head}))
    assert inspection.native_architectures == ({machine} if machine else set())
