"""Where each entry's bytes lie: side by side, nothing between, nothing shared."""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

from releases.packages.archive import AWS_WOULD_SAY, REBUILD, Directory, hidden_bytes
from releases.packages.errors import PackageError
from releases.packages.names import shown
from releases.packages.sizes import in_words

LOCAL_HEADER = struct.Struct("<4s5H3L2H")
EXTRA_HEAD = struct.Struct("<2H")
# "Info-ZIP Unicode Path": a version, the checksum of the plain name, then the other name.
UNICODE_PATH, UNICODE_PATH_HEAD = 0x7075, 5
LOCAL_SIGNATURE = b"PK\x03\x04"
ENCRYPTED = 0x1 | 0x40 | 0x2000
PATCHED = 0x20
SIZES_FOLLOW = 0x8
UTF8_NAME = 0x800
IN_ZIP64_FIELD = 0xFFFF_FFFF
# What may follow an entry whose sizes were not known when it was written: CRC and sizes,
# in 4 or 8 bytes each, with a signature or without.
TRAILERS = frozenset({0, 12, 16, 20, 24})


@dataclass(frozen=True)
class Place:
    """An entry and the position of its (compressed) bytes in the file."""

    info: ZipInfo
    start: int
    sizes_follow: bool
    extra_length: int

    @property
    def end(self) -> int:
        return self.start + self.info.compress_size


def places(file: BinaryIO, directory: Directory) -> list[Place]:
    """Find every entry's bytes, in the order of the file.

    Raises PackageError (encrypted, unsupported-compression, overlapping, hidden-bytes, two-names,
    damaged).
    """
    infos = sorted(directory.infos, key=lambda info: info.header_offset)
    for info in infos:
        _refuse_unreadable(info)
        if not info.header_offset < directory.start:
            raise _disagrees(info)
    found = [_place(file, info) for info in infos]
    for place, following in itertools.pairwise(found):
        _refuse_gap(place, following.info.header_offset, shown(following.info.orig_filename))
    _refuse_gap(found[-1], directory.start, "the archive's directory")
    for place in found:
        _refuse_second_name(file, place)
    return found


def _refuse_unreadable(info: ZipInfo) -> None:
    name = shown(info.orig_filename)
    if info.flag_bits & ENCRYPTED:
        raise PackageError(
            "encrypted",
            f"The archive's entry {name} is protected by a password.",
            "Build the zip without a password and upload it again.",
        )
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED} or info.flag_bits & PATCHED:
        raise PackageError(
            "unsupported-compression",
            f"The archive's entry {name} is compressed by method {info.compress_type},"
            " which Lambda may not read.",
            "Build the zip with ordinary (deflate) compression and upload it again.",
        )


def place_of(file: BinaryIO, info: ZipInfo) -> Place:
    """Find one entry's bytes in an archive that was looked through as a whole before.

    Raises PackageError (encrypted, unsupported-compression, damaged).
    """
    _refuse_unreadable(info)
    return _place(file, info)


def _place(file: BinaryIO, info: ZipInfo) -> Place:
    file.seek(info.header_offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or not header.startswith(LOCAL_SIGNATURE):
        raise _disagrees(info)
    _, _, flags, method, _, _, *sizes, name_length, extra_length = LOCAL_HEADER.unpack(header)
    sizes_follow = bool(flags & SIZES_FOLLOW)
    unknown = {IN_ZIP64_FIELD, 0} if sizes_follow else {IN_ZIP64_FIELD}
    expected = (info.CRC, info.compress_size, info.file_size)
    agrees = (
        method == info.compress_type
        and not flags & (ENCRYPTED | PATCHED)
        # The same bytes are another name in another encoding.
        and flags & UTF8_NAME == info.flag_bits & UTF8_NAME
        and file.read(name_length) == _name_bytes(info)
        and all(size in {right, *unknown} for size, right in zip(sizes, expected, strict=True))
    )
    if not agrees:
        raise _disagrees(info)
    start = info.header_offset + LOCAL_HEADER.size + name_length + extra_length
    return Place(info, start, sizes_follow, extra_length)


def _name_bytes(info: ZipInfo) -> bytes:
    return info.orig_filename.encode("utf-8" if info.flag_bits & UTF8_NAME else "cp437")


def _refuse_gap(place: Place, following: int, following_name: str) -> None:
    gap = following - place.end
    if gap < 0:
        raise PackageError(
            "overlapping",
            f"In the archive {shown(place.info.orig_filename)} and {following_name}"
            " share the same bytes.",
            REBUILD,
        )
    if gap not in (TRAILERS if place.sizes_follow else {0}):
        raise hidden_bytes(f"{in_words(gap)} after {shown(place.info.orig_filename)}")


def _refuse_second_name(file: BinaryIO, place: Place) -> None:
    # Info-ZIP's unzip writes the file to the name in this field, others to the one before it.
    file.seek(place.start - place.extra_length)
    for extra in (place.info.extra, file.read(place.extra_length)):
        for kind, value in _extra_fields(extra):
            if kind == UNICODE_PATH and value[UNICODE_PATH_HEAD:] != _name_bytes(place.info):
                other = value[UNICODE_PATH_HEAD:].decode(errors="replace")
                raise PackageError(
                    "two-names",
                    f"The archive's entry {shown(place.info.orig_filename)} has a second name,"
                    f" {shown(other)}: which one a file gets would depend on who unpacks it.",
                    "Build the zip with a tool that writes names once, in UTF-8.",
                )


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + EXTRA_HEAD.size <= len(extra):
        kind, length = EXTRA_HEAD.unpack_from(extra, at)
        at += EXTRA_HEAD.size
        yield kind, extra[at : at + length]
        at += length


def _disagrees(info: ZipInfo) -> PackageError:
    return PackageError(
        "damaged",
        f"The archive's entry {shown(info.orig_filename)} is not where or what"
        " the archive's directory says.",
        AWS_WOULD_SAY,
    )
