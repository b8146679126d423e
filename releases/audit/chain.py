"""What a seal is made of. Pure: the sealer, the verification and the evidence pack agree on it.

An event is written out as the texts of its columns, one after the other, each with its length in
bytes before it, so that no two events are written alike; `digest` is SHA-256 of that. `link` is
SHA-256 of the link before and the digest: with the digests of a stretch anybody can follow the
chain from one known link to another. `seal` is HMAC-SHA-256 of the link and its number: only who
has the key can make one.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence

# What is sealed from now on. 1 had the lengths in digits, which took PostgreSQL twice as long.
FORMAT = 2
FORMATS = (1, 2)
SIZE = 32
GENESIS = bytes(SIZE)

_COLUMNS = (
    "id", "at", "actor_id", "actor_name", "actor_role", "action", "sentence",
    "release_id", "function_id", "function_name", "environment_id", "environment_name",
    "objects_named", "data", "before", "after", "aws_request_ids",
    "request_id", "address", "user_agent", "cluster", "xid",
)  # fmt: skip
# In this order, by format: a column that is added later comes with a format of its own.
COLUMNS: dict[int, tuple[str, ...]] = {1: _COLUMNS, 2: _COLUMNS}
# What PostgreSQL's array_send puts before the elements: one dimension, the type `text`, and
# how many there are, from 1 on. Then the length of each and its text; -1 for NULL.
_TEXT = 25
_ARRAY = struct.Struct("!iiiii")
_LENGTH = struct.Struct("!i")
_DIGEST = struct.Struct(f"{SIZE}s")

# What PostgreSQL's text of a time depends on.
SETTINGS = "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'"


def texts(event: str, format: int = FORMAT) -> str:
    """SQL for the texts of the columns of the table alias `event`, as text[]."""
    return f"ARRAY[{', '.join(f'{event}.{name}::text' for name in COLUMNS[format])}]"


def digest_of(event: str, format: int = FORMAT) -> str:
    """SQL for the digest of the table alias `event`, as bytea."""
    if format == 1:
        parts = (
            f"coalesce(octet_length({event}.{name}::text) || ':' || {event}.{name}::text, '-')"
            for name in COLUMNS[format]
        )
        return f"sha256(convert_to(concat({', '.join(parts)}), 'UTF8'))"
    return f"sha256(array_send({texts(event, format)}))"


def digest_by(format: str, event: str) -> str:
    """SQL for the digest of `event` by the format in the column `format`: 1, or the present one."""
    return f"CASE {format} WHEN 1 THEN {digest_of(event, 1)} ELSE {digest_of(event)} END"


def digest(texts: Sequence[str | None], format: int) -> bytes:
    """As the SQL of `digest_of`, from the texts themselves. Raises KeyError for other formats."""
    return hashlib.sha256({1: _in_digits, 2: _as_sent}[format](texts)).digest()


def _in_digits(texts: Sequence[str | None]) -> bytes:
    parts = (None if text is None else text.encode() for text in texts)
    return b"".join(b"-" if part is None else b"%d:%b" % (len(part), part) for part in parts)


def _as_sent(texts: Sequence[str | None]) -> bytes:
    written = [_ARRAY.pack(1, None in texts, _TEXT, len(texts), 1)]
    for text in texts:
        part = b"" if text is None else text.encode()
        written += [_LENGTH.pack(-1 if text is None else len(part)), part]
    return b"".join(written)


def link(previous: bytes, digest: bytes) -> bytes:
    return hashlib.sha256(previous + digest).digest()


def seal(key: bytes, number: int, link: bytes, format: int = FORMAT) -> bytes:
    return hmac.digest(key, b"%d:%d:%b" % (format, number, link), "sha256")


def followed(
    key: bytes, previous: bytes, digests: bytes, number: int, format: int = FORMAT
) -> tuple[bytes, bytes]:
    """The links and the seals of a stretch of digests whose first has `number`, each joined.

    As `link` and `seal` make them one by one; this runs for every event of the history.
    """
    sha256, mac, numbered = hashlib.sha256, hmac.digest, b"%d:%%d:%%b" % format
    links, seals = [], []
    for at, (digest,) in enumerate(_DIGEST.iter_unpack(digests), number):
        previous = sha256(previous + digest).digest()
        links.append(previous)
        seals.append(mac(key, numbered % (at, previous), "sha256"))
    return b"".join(links), b"".join(seals)
