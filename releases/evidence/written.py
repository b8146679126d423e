"""A pack as a zip: JSON, sheets, the proof and the script that checks it, made as it is sent."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from releases.audit.beginning import beginning
from releases.audit.chain import COLUMNS, FORMAT
from releases.evidence import as_json
from releases.evidence.pack import Pack
from releases.evidence.sealed import Stretch, digests_of, ends_of, stretches_for

CHECKER = Path(__file__).with_name("check_evidence.py")
CHECKERS = (CHECKER, CHECKER.with_name("check_parts.py"))
# Spreadsheets take what begins like this for a formula.
FORMULAS = tuple("=+-@\t\r\n")
SHEET = ("number", *(name for name in COLUMNS[FORMAT] if name not in as_json.STRUCTURED))
LIVE = (
    "at", "kind", "function_name", "environment_name", "release_id", "sentence", "approved",
    "why_nobody", "event",
)  # fmt: skip
README = """Evidence of {words}
made {made_at} by {by}

evidence.json   what happened, who approved it, what went around the gate
went_live.csv   a line for each thing that went live
events.csv      the events, a line each
proof.json      each event as it was sealed, and its place in the chain
digests.txt     the digests of the other events between them, which tell nothing else
check_evidence.py, check_parts.py

To check the pack, with Python 3.9 or newer and nothing else:

    python3 check_evidence.py
    python3 check_evidence.py --anchor FILE_OR_LINK

The first shows that the pack is consistent. The second shows that it is true: compare it with an
anchor that somebody kept who could not touch the database. Take both scripts from Sluice's
repository (releases/evidence/check_*.py) if you do not trust those in here.
{anchor}
"""


def written(pack: Pack, *, by: str) -> Iterator[bytes]:
    """The zip, piece by piece; the digests are read from the database meanwhile."""
    stretches = stretches_for([each.number for each in pack.seals])
    texts = {
        "README.txt": _readme(pack, stretches, by),
        "evidence.json": _json(as_json.evidence(pack, by=by, notes=_notes(pack, stretches))),
        "went_live.csv": sheet(LIVE, [as_json.live_row(each) for each in pack.live]),
        "events.csv": sheet(SHEET, as_json.events(pack)),
        "proof.json": _json(_proof(pack, stretches)),
    } | {each.name: each.read_text() for each in CHECKERS}
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(_entry(name, pack), text)
            yield sink.taken()
        with archive.open(_entry("digests.txt", pack), "w") as file:
            for lines in _digests(pack, stretches):
                file.write(lines.encode())
                yield sink.taken()
    yield sink.taken()


def _entry(name: str, pack: Pack) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=pack.made_at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


class _Sink(io.RawIOBase):
    """Where the zip is written to, and taken from before it grows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def sheet(columns: Iterable[str], rows: Iterable[dict[str, Any]]) -> str:
    """CSV with a byte order mark, by which spreadsheets know UTF-8."""
    file, names = io.StringIO(newline=""), list(columns)
    lines = csv.writer(file)
    lines.writerow(names)
    lines.writerows([cell(row.get(name)) for name in names] for row in rows)
    return "\ufeff" + file.getvalue()


def cell(value: Any) -> str:
    """A value as text that no spreadsheet runs."""
    joined = "; ".join(map(str, value)) if isinstance(value, list) else value
    text = "" if joined is None else str(joined)
    return f"'{text}" if text[:1] in FORMULAS and text else text


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _proof(pack: Pack, stretches: list[Stretch]) -> dict[str, Any]:
    ends, first = ends_of(stretches), beginning()

    def link(number: int) -> str:
        return bytes(ends[number].link if number in ends else first.link).hex()

    return {
        "format": "sluice proof 1",
        "stretches": [
            {
                "after": each.after,
                "start": link(each.after),
                "upto": each.upto,
                "end": link(each.upto),
                "is_anchored": each.is_anchored,
            }
            for each in stretches
        ],
        "events": [
            {
                "number": each.number,
                "id": each.event_id,
                "format": each.format,
                "key_id": each.key_id,
                "previous": each.previous.hex(),
                "link": each.link.hex(),
                "seal": each.seal.hex(),
                "texts": each.texts,
            }
            for each in pack.seals
        ],
        "ends": [
            {
                "number": number,
                "format": each.format,
                "key_id": each.key_id,
                "link": bytes(each.link).hex(),
                "seal": bytes(each.seal).hex(),
            }
            for number, each in sorted(ends.items())
        ],
    }


def _digests(pack: Pack, stretches: list[Stretch]) -> Iterator[str]:
    ours = {each.number for each in pack.seals}
    for stretch in stretches:
        for some in digests_of(stretch):
            yield "".join(f"{number} {each.hex()}\n" for number, each in some if number not in ours)


def _notes(pack: Pack, stretches: list[Stretch]) -> list[str]:
    found = [pack.archived.words] if pack.archived else []
    waiting = len(pack.verification.waiting)
    if waiting:
        found.append(f"{waiting} events of the last moments wait to be sealed and are not in it.")
    if pack.since_is_cut:
        found.append("More happened since than a pack tells: the audit page has all of it.")
    loose = sum(not each.is_anchored for each in stretches)
    if loose and len(stretches) > 1:
        found.append(
            f"{loose} parts of the chain would be too long to follow to an anchor: their seals"
            " tell whoever has the key."
        )
    elif loose:
        found.append("No anchor was kept outside after its last event: the proof ends at the head.")
    return found


def _readme(pack: Pack, stretches: list[Stretch], by: str) -> str:
    ends = ", ".join(str(each.upto) for each in stretches if each.is_anchored)
    anchor = f"\nAnchors that hold this pack: number {ends}, and none before." if ends else ""
    made_at = f"{pack.made_at:%Y-%m-%d %H:%M:%S} UTC"
    return README.format(words=pack.scope.words, made_at=made_at, by=by, anchor=anchor)
