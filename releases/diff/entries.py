"""Single files out of a stored package: only those asked for, only as much as asked."""

from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO
from zipfile import ZipInfo

from releases.packages.archive import read_directory
from releases.packages.contents import contents
from releases.packages.layout import place_of
from releases.packages.names import checked_path
from releases.packages.sizes import Limits


def read_entries(
    file: BinaryIO, wanted: Mapping[str, int], *, size: int, limits: Limits | None = None
) -> dict[str, bytes]:
    """The first bytes of each wanted path, as many as it maps to; all if there are fewer.

    `file`, of `size` bytes, must be a package that was inspected: entries are checked one by
    one here, not against each other. Paths it does not hold are left out of the answer.
    Raises PackageError for an entry or a directory that cannot be read.
    """
    if not wanted:
        return {}
    limits = limits or Limits()
    infos = read_directory(file, size=size, limits=limits).infos
    # In the order of the file, so that it is read forwards.
    found = sorted(_find(infos, wanted, limits), key=lambda item: item[1].header_offset)
    return {path: _head(file, info, wanted[path]) for path, info in found}


def _find(
    infos: tuple[ZipInfo, ...], wanted: Collection[str], limits: Limits
) -> Iterator[tuple[str, ZipInfo]]:
    # Almost every name is written plainly, and then it need not be taken apart.
    plain = {info.orig_filename: info for info in infos}
    missing = {path for path in wanted if path not in plain}
    yield from ((path, plain[path]) for path in wanted if path in plain)
    if not missing:
        return
    for info in infos:
        if not info.is_dir() and (path := checked_path(info, limits)) in missing:
            missing.discard(path)
            yield path, info


def _head(file: BinaryIO, info: ZipInfo, length: int) -> bytes:
    data = bytearray()
    if length >= info.file_size:
        # To the end, so that the checksum is compared as well.
        return b"".join(contents(file, place_of(file, info)))
    for piece in contents(file, place_of(file, info)):
        data += piece[: length - len(data)]
        if len(data) >= length:
            break
    return bytes(data)
