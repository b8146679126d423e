"""The store: packages kept once, by content, and never written again unless damaged."""

import hashlib
import os
import shutil
import tempfile
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from releases.packages.intake import PREFIX, SUFFIX, Received, receive
from releases.packages.manifest import Inspection, from_json, to_json
from releases.packages.sizes import MIB

# 50,000 entries of the longest names an archive's directory has room for.
MANIFEST_LIMIT = 64 * MIB
READ_ONLY = 0o440


def artifacts() -> "Store":
    """The store that the settings name."""
    return Store(storages["artifacts"])


def package_name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}.zip"


def manifest_name(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}.manifest.json"


@dataclass(frozen=True)
class Store:
    """Packages and their manifests in a Django storage: a directory, or a bucket."""

    storage: Storage

    def incoming_directory(self) -> Path:
        """Where uploads arrive: beside the packages, so that keeping one is a rename."""
        if not isinstance(self.storage, FileSystemStorage):
            return Path(tempfile.gettempdir())
        directory = Path(self.storage.path("incoming"))
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return directory

    def put(self, received: Received) -> str:
        """Keep `received` and return its name; its temporary file is gone afterwards.

        If keeping fails the temporary file stays, for another try or the sweeper.
        """
        name = package_name(received.sha256)
        self._keep(received, name)
        return name

    def new_file(self) -> Path:
        """An empty file for whoever calls to write, beside the packages. What is left is swept."""
        directory = self.incoming_directory()
        descriptor, name = tempfile.mkstemp(dir=directory, prefix=PREFIX, suffix=SUFFIX)
        os.close(descriptor)
        return Path(name)

    def keep_file(self, path: Path, name: str) -> None:
        """Keep a file that is no package under `name`, which nobody else uses."""
        if isinstance(self.storage, FileSystemStorage):
            Path(self.storage.path(name)).parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._send(path, name)

    def discard(self, name: str) -> None:
        """Remove what `keep_file` kept; it may be gone."""
        self.storage.delete(name)

    def put_manifest(self, sha256: str, inspection: Inspection) -> str:
        """Keep what was found in the package `sha256`, next to it."""
        name = manifest_name(sha256)
        text = to_json(inspection).encode()
        received = receive([text], directory=self.incoming_directory(), limit=MANIFEST_LIMIT)
        self._keep(received, name)
        return name

    def manifest(self, sha256: str) -> Inspection | None:
        """What was found in the package `sha256`; None if it was not inspected yet."""
        name = manifest_name(sha256)
        if not self.exists(name):
            return None
        with self.open(name) as file:
            return from_json(file.read())

    def open(self, name: str) -> IO[bytes]:
        return self.storage.open(name, "rb")

    def exists(self, name: str) -> bool:
        return self.storage.exists(name)

    def discard_incoming(self, older_than: timedelta) -> int:
        """Remove what uploads that broke off have left; an upload under way is never old."""
        discarded = 0
        before = time.time() - older_than.total_seconds()
        for path in self.incoming_directory().glob(f"{PREFIX}*{SUFFIX}"):
            try:
                if path.stat().st_mtime < before:
                    path.unlink()
                    discarded += 1
            except FileNotFoundError:
                continue  # another sweeper, or its upload has just ended
        return discarded

    def _keep(self, received: Received, name: str) -> None:
        path = received.path
        if self.exists(name):
            if not self._holds(name, received):
                self._replace(path, name)
        elif not self._link(path, name):
            self._send(path, name)
        path.unlink(missing_ok=True)

    def _holds(self, name: str, received: Received) -> bool:
        """Whether what is kept as `name` is still what it was: a disk may have lost some of it."""
        kept = hashlib.sha256()
        try:
            with self.open(name) as file:
                for block in iter(partial(file.read, MIB), b""):
                    kept.update(block)
        except OSError:
            return False
        return kept.hexdigest() == received.sha256

    def _replace(self, path: Path, name: str) -> None:
        """Put whole bytes in the place of damaged ones: the only time that a name is rewritten."""
        if isinstance(self.storage, FileSystemStorage):
            return self._rename(path, Path(self.storage.path(name)))
        self.storage.delete(name)
        return self._send(path, name)

    def _rename(self, path: Path, target: Path) -> None:
        """Let `target` appear whole or not at all, also where incoming is another file system."""
        path.chmod(READ_ONLY)
        try:
            path.replace(target)
        except OSError:
            beside = target.with_name(f"{PREFIX}{uuid.uuid4()}{SUFFIX}")
            try:
                shutil.copy(path, beside)
                beside.replace(target)
            finally:
                beside.unlink(missing_ok=True)

    def _link(self, path: Path, name: str) -> bool:
        # Storage.save() would do, but between its look and its rename another upload of the
        # same content can be replaced. link() never replaces anything, and copies nothing.
        if not isinstance(self.storage, FileSystemStorage):
            return False
        target = Path(self.storage.path(name))
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        path.chmod(READ_ONLY)
        try:
            os.link(path, target)
        except FileExistsError:
            return True  # somebody kept the same content first
        except OSError:
            return False  # not every file system can link, and not to another one
        return True

    def _send(self, path: Path, name: str) -> None:
        if isinstance(self.storage, FileSystemStorage):
            # Never under its name bit by bit: what is cut short there would pass for a package.
            return self._rename(path, Path(self.storage.path(name)))
        with path.open("rb") as file:
            saved = self.storage.save(name, File(file))
        if saved != name:
            # Somebody kept the same content first, and ours went beside it.
            self.storage.delete(saved)
        return None
