"""A zip's directory, read within bounds and accepted only if there is one way to read it."""

import struct
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from releases.packages.errors import PackageError
from releases.packages.sizes import Limits, in_words

ENTRY_SIGNATURE = b"PK\x01\x02"
END_RECORD = struct.Struct("<4s4H2LH")
# The two records that come before the end record of a zip64 archive.
ZIP64_END_LENGTH = 56 + 20
COMMENT_LIMIT = 0xFFFF

REBUILD = "Build the zip again and upload it."
AWS_WOULD_SAY = (
    "AWS would answer: Could not unzip uploaded file. Check that it opens on your machine,"
    " build it again and upload it."
)


@dataclass(frozen=True)
class Directory:
    """The entries an archive lists, and where in the file that list begins and ends."""

    infos: tuple[zipfile.ZipInfo, ...]
    start: int
    end: int
    comment: bytes


def read_directory(file: BinaryIO, *, size: int, limits: Limits) -> Directory:
    """Read the list of entries at the end of `file`.

    Raises PackageError (not-a-zip, empty-zip, too-many-entries, hidden-bytes, damaged).
    """
    window = _Window(file, size, limits)
    try:
        with zipfile.ZipFile(window) as archive:
            # The list is the last thing zipfile reads when it opens an archive.
            directory = Directory(
                tuple(archive.infolist()), archive.start_dir, window.tell(), archive.comment
            )
    except (zipfile.BadZipFile, NotImplementedError, ValueError, _OutsideError) as error:
        raise PackageError(
            "not-a-zip",
            "The file is not a zip archive, or its end is missing or damaged.",
            AWS_WOULD_SAY,
        ) from error
    if not directory.infos:
        raise empty_zip()
    _refuse_second_reading(file, size, directory)
    return directory


def empty_zip() -> PackageError:
    return PackageError(
        "empty-zip",
        "The archive holds no files.",
        "AWS would answer: Uploaded file must be a non-empty zip."
        " Check what your build puts into the zip.",
    )


def _refuse_second_reading(file: BinaryIO, size: int, directory: Directory) -> None:
    # Archives within archives can be made so that one unzipper sees other files than the
    # next. What reviewers see must be what Lambda unpacks, so there may be one reading only.
    before = min(info.header_offset for info in directory.infos)
    if before > 0:
        raise hidden_bytes(f"{in_words(before)} before its first entry")
    file.seek(directory.end)
    tail = file.read(ZIP64_END_LENGTH + END_RECORD.size + COMMENT_LIMIT + 1)
    length = END_RECORD.size + len(directory.comment)
    if len(tail) not in {length, ZIP64_END_LENGTH + length}:
        raise hidden_bytes("bytes after its end")
    _, _, _, _, count, listed, start, comment = END_RECORD.unpack_from(tail, len(tail) - length)
    agrees = (
        count in {len(directory.infos), 0xFFFF}
        and listed in {directory.end - directory.start, 0xFFFF_FFFF}
        and start in {directory.start, 0xFFFF_FFFF}
        and comment == len(directory.comment)
    )
    if before < 0 or not agrees:
        raise PackageError(
            "damaged", "The archive's end does not fit the entries before it.", AWS_WOULD_SAY
        )


def hidden_bytes(what: str) -> PackageError:
    return PackageError(
        "hidden-bytes",
        f"The archive has {what}, which belong to none of its files and nobody could review.",
        "Build a plain zip: not self-extracting, not two archives in one file.",
    )


class _OutsideError(OSError):
    """A position before the file's beginning; zipfile expects an OSError there."""


class _Window:
    """The file as zipfile sees it while opening: no position outside, no endless list."""

    def __init__(self, file: BinaryIO, size: int, limits: Limits) -> None:
        self._file, self._size, self._limits = file, size, limits
        self._at = 0

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0, /) -> int:
        at = offset + (0, self._at, self._size)[whence]
        if at < 0:
            raise _OutsideError(f"No position {at} in the file")
        self._at = at
        return at

    def read(self, length: int = -1, /) -> bytes:
        left = max(self._size - self._at, 0)
        length = left if length < 0 else min(length, left)
        if length > self._limits.directory:
            raise self._too_many(f"a directory of {in_words(length)}")
        if not length:
            return b""  # and no seek: a damaged archive may name positions no file can have
        self._file.seek(self._at)
        data = self._file.read(length)
        self._at += len(data)
        # zipfile makes an object of every entry before it can be asked how many there are.
        if data.count(ENTRY_SIGNATURE) > self._limits.entries:
            raise self._too_many("more entries than that")
        return data

    def _too_many(self, what: str) -> PackageError:
        return PackageError(
            "too-many-entries",
            f"An archive may have {self._limits.entries:,} entries; this one has {what}.",
            "Leave out what the function does not need when it runs, or bundle its modules.",
        )
