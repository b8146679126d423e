"""The bytes of one entry, unpacked piece by piece and held to what the archive says of them."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import ZIP_STORED, ZipInfo

from releases.packages.archive import AWS_WOULD_SAY, REBUILD
from releases.packages.errors import PackageError
from releases.packages.layout import Place
from releases.packages.names import shown

PIECE = 256 * 1024


def contents(file: BinaryIO, place: Place) -> Iterator[bytes]:
    """Unpack an entry, never more of it than its declared size.

    Raises PackageError (lying-size, damaged).
    """
    # Not ZipFile.open(): it cuts an entry off at its declared size and calls it complete.
    info = place.info
    unpacked = _stored if info.compress_type == ZIP_STORED else _inflated
    size = crc = 0
    file.seek(place.start)
    for piece in unpacked(file, info):
        size += len(piece)
        if size > info.file_size:
            raise _lying(info)
        crc = zlib.crc32(piece, crc)
        yield piece
    if size != info.file_size:
        raise _lying(info)
    if crc != info.CRC:
        raise _damaged(info, "does not have the checksum the archive says")


def _stored(file: BinaryIO, info: ZipInfo) -> Iterator[bytes]:
    left = info.compress_size
    while piece := file.read(min(PIECE, left)):
        left -= len(piece)
        yield piece


def _inflated(file: BinaryIO, info: ZipInfo) -> Iterator[bytes]:
    left = info.compress_size
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    while not stream.eof:
        packed = stream.unconsumed_tail
        if not packed:
            packed = file.read(min(PIECE, left))
            left -= len(packed)
        try:
            piece = stream.decompress(packed, PIECE)
        except zlib.error as error:
            raise _damaged(info, "cannot be unpacked") from error
        if not packed and not piece:
            raise _damaged(info, "is cut off")
        yield piece
    # Bytes after the end of the stream could be a second set of files for a reader
    # that goes through the file from its front.
    if left or stream.unused_data:
        raise _damaged(info, "ends before the archive says")


def _lying(info: ZipInfo) -> PackageError:
    return PackageError(
        "lying-size",
        f"The archive says that {shown(info.orig_filename)} unpacks to {info.file_size:,} bytes,"
        " and it does not.",
        REBUILD,
    )


def _damaged(info: ZipInfo, what: str) -> PackageError:
    return PackageError(
        "damaged", f"The archive's entry {shown(info.orig_filename)} {what}.", AWS_WOULD_SAY
    )
