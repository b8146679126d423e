"""What a seal is made of. Pure: the sealer, the verification and the evidence pack agree on it.

An event is written out as text, its columns one after the other, each with its length in bytes
before it, so that no two events are written alike; `digest` is SHA-256 of that text. `link` is
SHA-256 of the link before and the digest: with the digests of a stretch anybody can follow the
chain from one known link to another. `seal` is HMAC-SHA-256 of the link and its number: only who
has the key can make one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

FORMAT = 1
SIZE = 32
GENESIS = bytes(SIZE)

# In this order, by format: a column that is added later comes with a format of its own.
COLUMNS: dict[int, tuple[str, ...]] = {
    1: (
        "id", "at", "actor_id", "actor_name", "actor_role", "action", "sentence",
        "release_id", "function_id", "function_name", "environment_id", "environment_name",
        "objects_named", "data", "before", "after", "aws_request_ids",
        "request_id", "address", "user_agent", "cluster", "xid",
    )
}  # fmt: skip

# What PostgreSQL's text of a time depends on.
SETTINGS = "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'"


def written_out(event: str, format: int = FORMAT) -> str:
    """SQL for the text that is digested, of the table alias `event`: `4:1042`, `-` for NULL."""
    parts = (
        f"coalesce(octet_length({event}.{name}::text) || ':' || {event}.{name}::text, '-')"
        for name in COLUMNS[format]
    )
    return f"concat({', '.join(parts)})"


def digest_of(event: str, format: int = FORMAT) -> str:
    """SQL for the digest of the table alias `event`, as bytea."""
    return f"sha256(convert_to({written_out(event, format)}, 'UTF8'))"


def link(previous: bytes, digest: bytes) -> bytes:
    return hashlib.sha256(previous + digest).digest()


def seal(key: bytes, number: int, link: bytes, format: int = FORMAT) -> bytes:
    return hmac.digest(key, b"%d:%d:%b" % (format, number, link), "sha256")


def followed(key: bytes, previous: bytes, digests: bytes, number: int) -> tuple[bytes, bytes]:
    """The links and the seals of a stretch of digests whose first has `number`, each joined.

    As `link` and `seal` make them one by one; this runs for every event of the history.
    """
    sha256, mac, head = hashlib.sha256, hmac.digest, b"%d:" % FORMAT
    links, seals = [], []
    for at in range(0, len(digests), SIZE):
        previous = sha256(previous + digests[at : at + SIZE]).digest()
        links.append(previous)
        seals.append(mac(key, head + b"%d:" % number + previous, "sha256"))
        number += 1
    return b"".join(links), b"".join(seals)


def pieces(joined: bytes, size: int = SIZE) -> Iterator[bytes]:
    """The parts of equal size that `joined` was put together from."""
    return (joined[at : at + size] for at in range(0, len(joined), size))
