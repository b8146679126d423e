"""The manifest: what was found in a package, and how it is written down."""

import hashlib
import json
import stat
from collections.abc import Iterable
from dataclasses import astuple, dataclass

FORMAT = 1


@dataclass(frozen=True)
class Entry:
    """One file, or symbolic link, of a package. Folders have none."""

    path: str
    size: int
    # As the archive gives it: kind and permissions, 0 if it gives none.
    mode: int
    sha256: str
    compressed_size: int
    # What a native file is built for, in Lambda's words where it has one; else "".
    machine: str = ""

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)

    @property
    def is_executable(self) -> bool:
        return bool(self.mode & 0o111)


@dataclass(frozen=True)
class Inspection:
    """All that was found in a package; entries are in the order of their paths."""

    entries: tuple[Entry, ...]
    unzipped_size: int
    content_digest: str
    secret_paths: tuple[str, ...]

    @classmethod
    def of(cls, entries: Iterable[Entry], secret_paths: Iterable[str] = ()) -> "Inspection":
        ordered = tuple(sorted(entries, key=lambda entry: entry.path.encode()))
        size = sum(entry.size for entry in ordered)
        return cls(ordered, size, content_digest(ordered), tuple(sorted(secret_paths)))

    @property
    def native_architectures(self) -> frozenset[str]:
        return frozenset(entry.machine for entry in self.entries if entry.machine)


def content_digest(entries: Iterable[Entry]) -> str:
    """SHA-256 over paths and contents: the same whatever the zip's order, times and modes."""
    digest = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry.path.encode()):
        # A link is not a permission: it must not pass for a file that holds its target's name.
        kind = b"link" if entry.is_link else b"file"
        for part in (kind, entry.path.encode(), entry.sha256.encode()):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def to_json(inspection: Inspection) -> str:
    document = {
        "format": FORMAT,
        "content_digest": inspection.content_digest,
        "unzipped_size": inspection.unzipped_size,
        "secret_paths": inspection.secret_paths,
        "entries": [astuple(entry) for entry in inspection.entries],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str | bytes) -> Inspection:
    """Read back what to_json() wrote. Raises ValueError if it is of another format."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f"Not a manifest of format {FORMAT}")
    return Inspection(
        entries=tuple(Entry(*fields) for fields in document["entries"]),
        unzipped_size=document["unzipped_size"],
        content_digest=document["content_digest"],
        secret_paths=tuple(document["secret_paths"]),
    )
