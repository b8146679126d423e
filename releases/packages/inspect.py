"""Looking into a package: every entry read once, within limits, and hashed."""

import hashlib
import itertools
import posixpath
import stat
from typing import BinaryIO
from zipfile import ZipInfo

from releases.packages.archive import REBUILD, empty_zip, read_directory
from releases.packages.contents import contents
from releases.packages.errors import PackageError
from releases.packages.layout import Place, places
from releases.packages.manifest import Entry, Inspection
from releases.packages.names import FROM_INSIDE, checked_path, shown
from releases.packages.native import HEAD, machine_of
from releases.packages.secret_files import SCANNED_BYTES, SCANNED_FILE, looks_secret
from releases.packages.sizes import Limits, in_words

LINK_TARGET_BYTES = 4096


def inspect(file: BinaryIO, *, size: int, limits: Limits | None = None) -> Inspection:
    """Read the zip `file` of `size` bytes from end to end.

    Raises PackageError for everything that is wrong with it, and nothing else.
    """
    limits = limits or Limits()
    directory = read_directory(file, size=size, limits=limits)
    _refuse_bombs(directory.infos, size, limits)
    paths = {info: checked_path(info, limits) for info in directory.infos}
    _refuse_clashes(paths)
    for info in directory.infos:
        _refuse_special(info)
    entries: list[Entry] = []
    secret_paths: list[str] = []
    for place in places(file, directory):
        entry, head = _read(file, place, paths[place.info])
        if place.info.is_dir():
            continue
        entries.append(entry)
        if entry.is_link:
            _refuse_leaving(entry.path, head)
        elif looks_secret(entry.path, entry.size, head):
            secret_paths.append(entry.path)
    if not entries:
        raise empty_zip()
    return Inspection.of(entries, secret_paths)


def _refuse_bombs(infos: tuple[ZipInfo, ...], size: int, limits: Limits) -> None:
    # Declared sizes will do: contents() never unpacks more than was declared.
    unzipped = sum(info.file_size for info in infos)
    if unzipped >= limits.unzipped:
        raise PackageError(
            "unzipped-too-large",
            f"The package unpacks to {in_words(unzipped)}; Lambda takes less than"
            f" {in_words(limits.unzipped)}, layers included.",
            "Leave out what the function does not need when it runs, or use a container image.",
        )
    if unzipped > limits.ratio_over and unzipped > size * limits.ratio:
        raise PackageError(
            "bomb",
            f"The package unpacks from {in_words(size)} to {in_words(unzipped)}, more than"
            f" {limits.ratio} times its size, as no program does.",
            "Leave out files that are almost empty (blank disks, zero-filled data).",
        )


def _refuse_clashes(paths: dict[ZipInfo, str]) -> None:
    # In this order a file comes right before what has the same path, or lies below it.
    ordered = sorted((path.split("/"), info.is_dir(), path) for info, path in paths.items() if path)
    for (parts, is_dir, path), (following, _, below) in itertools.pairwise(ordered):
        if is_dir or following[: len(parts)] != parts:
            continue
        if path == below:
            what = f"The archive has more than one entry for {shown(path)}."
        else:
            what = f"In the archive {shown(path)} is a file and also the folder of {shown(below)}."
        raise PackageError("duplicate-name", what, REBUILD)


def _refuse_special(info: ZipInfo) -> None:
    kind = stat.S_IFMT(_mode(info))
    if info.is_dir():
        fine = kind in {0, stat.S_IFDIR, stat.S_IFREG} and info.file_size == 0
    else:
        fine = kind in {0, stat.S_IFREG, stat.S_IFLNK}
    if not fine:
        raise PackageError(
            "special-file",
            f"The archive's entry {shown(info.orig_filename)} is neither a file, a folder nor"
            " a symbolic link.",
            "Leave devices, sockets and pipes out of the zip and upload it again.",
        )


def _mode(info: ZipInfo) -> int:
    # Maven's archiver writes all ones where it knows no mode.
    mode = info.external_attr >> 16
    return 0 if mode == 0xFFFF else mode


def _read(file: BinaryIO, place: Place, path: str) -> tuple[Entry, bytes]:
    info = place.info
    digest, head = hashlib.sha256(), bytearray()
    wanted = SCANNED_BYTES if info.file_size <= SCANNED_FILE else HEAD
    for piece in contents(file, place):
        digest.update(piece)
        if len(head) < wanted:
            head += piece[: wanted - len(head)]
    entry = Entry(
        path=path,
        size=info.file_size,
        mode=_mode(info),
        sha256=digest.hexdigest(),
        compressed_size=info.compress_size,
        machine=machine_of(head),
    )
    return entry, bytes(head)


def _refuse_leaving(path: str, target: bytes) -> None:
    folder = posixpath.dirname(path)
    depth = len(folder.split("/")) if folder else 0
    parts = target.decode(errors="replace").split("/")
    up = len(list(itertools.takewhile(lambda part: part == "..", parts)))
    # A `..` further on could step out through another link, so it is refused as well.
    inside = target and parts[0] and up <= depth and ".." not in parts[up:]
    if not inside or len(target) > LINK_TARGET_BYTES or b"\0" in target:
        raise PackageError(
            "link-outside",
            f"The archive's link {shown(path)} points to {shown(target.decode(errors='replace'))},"
            " outside the function's folder.",
            f"Put the file itself into the zip. {FROM_INSIDE}",
        )
