"""Deployment packages by content: checked like AWS checks them, large ones kept on disk."""

import base64
import hashlib
import io
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sandbox.aws import errors
from sandbox.aws.limits import UNZIPPED

IN_MEMORY = 1 << 20


@dataclass(frozen=True)
class Package:
    digest: str
    size: int
    unzipped: int

    @property
    def code_sha256(self) -> str:
        return base64.b64encode(bytes.fromhex(self.digest)).decode()


class Packages:
    """Content-addressed, so ten thousand versions of one zip cost one zip."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Package] = {}
        self._small: dict[str, bytes] = {}
        self._folder: Path | None = None

    def add(self, content: BinaryIO) -> Package:
        """Keep a package; `content` is read twice in pieces, never as a whole once it is large."""
        digest = _digest(content)
        known = self._known.get(digest)
        if known:
            return known
        unzipped = check(content)
        size = content.seek(0, io.SEEK_END)
        with self._lock:
            self._keep(digest, content, size)
            return self._known.setdefault(digest, Package(digest, size, unzipped))

    def open(self, digest: str) -> BinaryIO | None:
        small = self._small.get(digest)
        if small is not None:
            return io.BytesIO(small)
        if digest not in self._known or self._folder is None:
            return None
        return (self._folder / digest).open("rb")

    def size(self, digest: str) -> int:
        return self._known[digest].size

    def saved(self) -> tuple[dict[str, Package], dict[str, bytes]]:
        """What is kept, for `restore`. Raises ValueError if some of it lies on disk."""
        if self._folder:
            raise ValueError("large packages are not saved")
        return self._known, self._small

    def restore(self, saved: tuple[dict[str, Package], dict[str, bytes]]) -> None:
        with self._lock:
            self._known, self._small = saved

    def clear(self) -> None:
        with self._lock:
            self._known.clear()
            self._small.clear()
            if self._folder:
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _keep(self, digest: str, content: BinaryIO, size: int) -> None:
        content.seek(0)
        if size <= IN_MEMORY:
            self._small[digest] = content.read()
            return
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="sandbox-aws-"))
        with (self._folder / digest).open("wb") as kept:
            shutil.copyfileobj(content, kept, IN_MEMORY)


def _digest(content: BinaryIO) -> str:
    found = hashlib.sha256()
    content.seek(0)
    while piece := content.read(IN_MEMORY):
        found.update(piece)
    return found.hexdigest()


def check(content: BinaryIO) -> int:
    """Refuse what Lambda refuses to unzip (facts C7, L1); the size of what it unzips to."""
    with _unzipping():
        archive = zipfile.ZipFile(content)
    with archive:
        entries = archive.infolist()
        if not entries:
            raise errors.invalid("Uploaded file must be a non-empty zip")
        unzipped = sum(entry.file_size for entry in entries)
        if unzipped >= UNZIPPED:
            raise errors.invalid(f"Unzipped size must be smaller than {UNZIPPED} bytes")
        _read_through(archive)
    return unzipped


def _read_through(archive: zipfile.ZipFile) -> None:
    with _unzipping():
        if archive.testzip() is not None:
            raise zipfile.BadZipFile


@contextmanager
def _unzipping() -> Iterator[None]:
    """Whatever a broken archive makes the decoders raise is one refusal.

    Each compression has errors of its own (OSError, LZMAError, ValueError, MemoryError and more),
    and the next Python may add some.
    """
    try:
        yield
    except Exception:  # noqa: BLE001
        raise errors.invalid(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from None
