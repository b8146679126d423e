"""Archived segments: a stretch of the chain in a file, which can be verified without the database.

JSON Lines, gzip: first what the stretch is, then an event a line: its seal, and the texts of its
columns that were sealed.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from releases.audit import chain
from releases.audit.anchors import Anchor
from releases.audit.beginning import Beginning
from releases.audit.keys import Keys
from releases.errors import SluiceError

FORMAT = "sluice archive 2"
CHUNK = 5_000
ROWS = f"""
SELECT s.number, s.event_id, s.format, s.key_id, s.link, s.seal, {chain.texts("e")}
FROM releases_auditseal s JOIN releases_auditevent e ON e.id = s.event_id
WHERE s.number > %s AND s.number <= %s ORDER BY s.number
"""  # noqa: S608


class SegmentFault(SluiceError):
    """A segment is not what was sealed, or does not join on; the message names the event."""


@dataclass(frozen=True)
class Segment:
    """The events after number `after`, whose link is `start`, up to number `upto`."""

    after: int
    start: bytes
    upto: int
    end: bytes

    def __len__(self) -> int:
        return self.upto - self.after


def write(path: Path, segment: Segment) -> None:
    """All of it, on disk when this returns; a file that is there stays. Raises OSError."""
    if path.exists():
        return
    head = {
        "format": FORMAT,
        "after": segment.after,
        "start": segment.start.hex(),
        "upto": segment.upto,
        "end": segment.end.hex(),
    }
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as lines:
            lines.write(json.dumps(head).encode() + b"\n")
            for row in _rows(segment):
                lines.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def _rows(segment: Segment) -> Iterator[dict[str, Any]]:
    for after in range(segment.after, segment.upto, CHUNK):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(chain.SETTINGS)
            cursor.execute(ROWS, [after, min(after + CHUNK, segment.upto)])
            rows = cursor.fetchall()
        for number, event, format, key_id, link, seal, texts in rows:
            yield {
                "number": number,
                "id": event,
                "format": format,
                "key_id": key_id,
                "link": bytes(link).hex(),
                "seal": bytes(seal).hex(),
                "texts": texts,
            }


def read(path: Path, keys: Keys) -> Segment:
    """Check every event of it against its seal. Raises SegmentFault, NoAuditKey."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            head = json.loads(next(lines))
            if head["format"] != FORMAT:
                raise SegmentFault(f"{path} has the unknown format {head['format']}.")
            segment = Segment(
                head["after"],
                bytes.fromhex(head["start"]),
                head["upto"],
                bytes.fromhex(head["end"]),
            )
            _follow(path, segment, (json.loads(line) for line in lines), keys)
    except (OSError, EOFError, zlib.error, StopIteration, ValueError, KeyError) as error:
        raise SegmentFault(f"{path} cannot be read: {error!r}") from error
    return segment


def _follow(path: Path, segment: Segment, rows: Iterator[dict[str, Any]], keys: Keys) -> None:
    link, number = segment.start, segment.after
    for number, row in enumerate(rows, segment.after + 1):
        named = f"Event {row['id']} in {path}"
        if row["number"] != number:
            raise SegmentFault(f"{path} lacks number {number}, before event {row['id']}.")
        link = chain.link(link, chain.digest(row["texts"], row["format"]))
        if link.hex() != row["link"]:
            raise SegmentFault(f"{named} was altered after it was sealed as number {number}.")
        if chain.seal(keys[row["key_id"]], number, link, row["format"]).hex() != row["seal"]:
            raise SegmentFault(f"{named}: its seal {number} was made up without the key.")
    if (number, link) != (segment.upto, segment.end):
        raise SegmentFault(f"{path} ends with number {number}: {segment.upto} is its last one.")


def verify_segments(
    paths: Sequence[Path], keys: Keys, at: Beginning, anchors: Sequence[Anchor] = ()
) -> int:
    """Check them, that they follow one another, and that the chain goes on where they end.

    How many events that was. Raises SegmentFault, NoAuditKey.
    """
    found = sorted(((read(path, keys), path) for path in paths), key=lambda each: each[0].after)
    for (one, path), (following, next_path) in pairwise(found):
        if (one.upto, one.end) != (following.after, following.start):
            raise SegmentFault(f"{next_path} does not go on where {path} ends: at {one.upto}.")
    last, path = found[-1]
    if (last.upto, last.end) != (at.number, at.link):
        raise SegmentFault(
            f"{path} ends with number {last.upto}, and the history begins behind {at.number}:"
            " name the newest segment as well."
        )
    ends = {segment.upto: segment.end for segment, _ in found}
    for anchor in anchors:
        if ends.get(anchor.number, anchor.link) != anchor.link:
            raise SegmentFault(f"{anchor.place} holds another number {anchor.number} than {path}.")
    return sum(len(segment) for segment, _ in found)
