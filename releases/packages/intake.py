"""Taking bytes in: one pass to one temporary file, hashed on the way."""

import base64
import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from releases.packages.errors import PackageError
from releases.packages.sizes import in_words

PREFIX, SUFFIX = "incoming-", ".part"


@dataclass(frozen=True)
class Received:
    """A package on its way into the store: where it lies, how long it is, its SHA-256 in hex."""

    path: Path
    size: int
    sha256: str

    @property
    def code_sha256(self) -> str:
        return code_sha256_of(self.sha256)


def receive(chunks: Iterable[bytes], *, directory: Path, limit: int) -> Received:
    """Write `chunks` to a new file in `directory`; whoever calls owns that file.

    Raises PackageError (too-large, empty). No file is left behind by any failure.
    """
    descriptor, name = tempfile.mkstemp(dir=directory, prefix=PREFIX, suffix=SUFFIX)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            size, sha256 = _write(chunks, file, limit)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Received(path, size, sha256)


def _write(chunks: Iterable[bytes], file: BinaryIO, limit: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        digest.update(chunk)
        file.write(chunk)
    if not size:
        raise PackageError(
            "empty",
            "The upload is empty: it has no bytes at all.",
            "Choose the zip file again and upload it once more.",
        )
    file.flush()
    # A row in the database will say that these bytes exist; they must outlive a power cut.
    os.fsync(file.fileno())
    return size, digest.hexdigest()


def _too_large(limit: int) -> PackageError:
    return PackageError(
        "too-large",
        f"The upload is larger than {in_words(limit)}, the most that is taken.",
        "Leave out what the function does not need when it runs, move shared dependencies"
        " to a layer, or use a container image.",
    )


def code_sha256_of(sha256: str) -> str:
    """The hex digest `sha256` as AWS shows it: CodeSha256, in base64."""
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def hex_of(code_sha256: str) -> str:
    """AWS's CodeSha256 as the hex digest that names a package here."""
    return base64.b64decode(code_sha256, validate=True).hex()
