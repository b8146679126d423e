#!/usr/bin/env python3
"""Check an evidence pack of Sluice without Sluice: `python3 check_evidence.py PACK.zip`.

Needs Python 3.9 and check_parts.py beside it. Ends with 0 if all of it holds, else with 1 and the
first event that does not. What makes it a proof is `--anchor`: a file, a folder of files, or the 64
digits of a link, that somebody kept who could not touch the database.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import hmac
import io
import json
import re
import runpy
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any

COLUMNS = (
    "id", "at", "actor_id", "actor_name", "actor_role", "action", "sentence",
    "release_id", "function_id", "function_name", "environment_id", "environment_name",
    "objects_named", "data", "before", "after", "aws_request_ids",
    "request_id", "address", "user_agent", "cluster", "xid",
)  # fmt: skip
WHOLE = ("id", "actor_id", "release_id", "function_id", "environment_id", "cluster", "xid")
STRUCTURED = ("objects_named", "data", "before", "after")
OF_DATA = ("fingerprint", "note")
PARTS = runpy.run_path(str(Path(__file__).with_name("check_parts.py")))
Json = dict[str, Any]


class DoesNotHold(Exception):
    """The first thing that is wrong, in a sentence."""


def read(place: Path) -> dict[str, bytes]:
    """The files of a pack by name, from a zip or from a folder."""
    try:
        if place.is_dir():
            return {each.name: each.read_bytes() for each in place.iterdir() if each.is_file()}
        with zipfile.ZipFile(place) as archive:
            return {Path(name).name: archive.read(name) for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise DoesNotHold(f"The pack cannot be read: {error}") from error


# --- the texts that were sealed ------------------------------------------------------------------
def digest_of(seal: Json) -> bytes:
    """SHA-256 of the texts with their lengths: in digits by format 1, as array_send has it by 2."""
    parts = [None if text is None else text.encode() for text in seal["texts"]]
    if seal["format"] == 1:
        written = [b"-" if each is None else b"%d:%b" % (len(each), each) for each in parts]
    elif seal["format"] == 2:
        written = [struct.pack("!iiiii", 1, None in parts, 25, len(parts), 1)]
        for each in parts:
            written += [struct.pack("!i", -1 if each is None else len(each)), each or b""]
    else:
        raise DoesNotHold(f"Format {seal['format']} is newer: take the script of a newer Sluice.")
    return hashlib.sha256(b"".join(written)).digest()


def value_of(name: str, text: str | None) -> Any:
    """A column as evidence.json has it."""
    if text is None:
        return None
    if name in WHOLE:
        return int(text)
    if name in STRUCTURED:
        return json.loads(text)
    if name == "aws_request_ids":
        items = re.findall(r'"((?:[^"\\]|\\.)*)"|([^{},]+)', text)
        return [plain or re.sub(r"\\(.)", r"\1", quoted) for quoted, plain in items]
    if name == "address":
        return re.sub(r"/(32|128)$", "", text)
    return moment(text) if name == "at" else text


def moment(text: str) -> str:
    """2026-10-15 09:30:00.25+00 and 2026-10-15T09:30:00.250000+00:00 are the same."""
    parts = re.fullmatch(r"(\S{10})[ T](\S{8})(?:\.(\d+))?\+00(?::00)?", text)
    return f"{parts[1]}T{parts[2]}.{parts[3] or '':0<6}+00:00" if parts else text


def said(event: Json) -> str:
    return f"Event {event.get('id')} (“{event.get('sentence')}”)"


def compare_event(shown: Json, proven: Json) -> None:
    """The readable event with the texts that its digest is made of."""
    if len(proven["texts"]) != len(COLUMNS):
        raise DoesNotHold(f"{said(shown)}: {len(proven['texts'])} texts are no event.")
    try:
        meant = {name: value_of(name, text) for name, text in zip(COLUMNS, proven["texts"])}  # noqa: B905 - Python 3.9
    except ValueError as error:
        raise DoesNotHold(f"{said(shown)}: its texts cannot be read: {error}.") from error
    for name in COLUMNS:
        there = shown.get(name)
        if name not in shown or (moment(str(there)) if name == "at" else there) != meant[name]:
            raise DoesNotHold(
                f"{said(shown)}: evidence.json shows “{there}” as its {name}, and what was sealed"
                f" says “{meant[name]}”."
            )


# --- what speaks of events -----------------------------------------------------------------------
def compare_references(part: Any, events: dict[int, Json], of: int | None = None) -> None:
    """Whatever names an event repeats it as it is; approvals stand with the release they are of."""
    for each in part if isinstance(part, list) else ():
        compare_references(each, events, of)
    if not isinstance(part, dict):
        return
    if "event" in part:
        event = events.get(part["event"])
        if event is None:
            raise DoesNotHold(f"Event {part['event']} is spoken of and is not in the pack.")
        known = {name: event["data"].get(name) for name in OF_DATA} | event
        wrong = [name for name in part if name in known and part[name] != known[name]]
        if wrong:
            shown = part[wrong[0]]
            raise DoesNotHold(f"{said(event)}: the pack repeats its {wrong[0]} as “{shown}”.")
        if of is not None and event["release_id"] != of:
            raise DoesNotHold(f"{said(event)} is shown with R-{of}, which it is not of.")
    for name, each in part.items():
        approvals = name in ("approvals", "approved_by")
        compare_references(each, events, part.get("release_id") if approvals else None)


def cell(value: Any) -> str:
    """As the pack writes its sheets: no cell begins a formula."""
    joined = "; ".join(map(str, value)) if isinstance(value, list) else value
    text = "" if joined is None else str(joined)
    return f"'{text}" if text[:1] in tuple("=+-@\t\r\n") else text


def with_people(line: Json) -> Json:
    people = [f"{each['actor_name']} ({each['actor_role']})" for each in line["approved_by"]]
    return {**line, "id": line["event"], "approved": people}


def compare_sheet(sheet: bytes, rows: list[Json]) -> None:
    head, *lines = csv.reader(io.StringIO(sheet.decode("utf-8-sig"), newline=""))
    if len(lines) != len(rows):
        raise DoesNotHold(f"A sheet has {len(lines)} lines for the {len(rows)} of evidence.json.")
    for line, row in zip(lines, rows):  # noqa: B905 - Python 3.9 has no `strict`
        if line != [cell(row.get(name)) for name in head]:
            raise DoesNotHold(f"{said(row)}: its line in a sheet is not the same.")


# --- the chain -----------------------------------------------------------------------------------
def anchors_in(given: list[str]) -> dict[str, int | None]:
    """The links that were kept outside, each with its number where that is known."""
    found: dict[str, int | None] = {}
    for each in given:
        place = Path(each)
        if re.fullmatch(r"[0-9a-fA-F]{64}", each):
            found[each.lower()] = None
            continue
        for file in sorted(place.glob("*.json")) if place.is_dir() else [place]:
            try:
                kept = json.loads(file.read_text())
                found[str(kept["link"])] = int(kept["number"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise DoesNotHold(f"{file} is no anchor: {error}") from error
    return found


def digests_in(text: str) -> dict[int, bytes]:
    """The digests of other events between those of the pack."""
    found = re.findall(r"^(\d+) ([0-9a-f]{64})$", text, re.MULTILINE)
    return {int(number): bytes.fromhex(digest) for number, digest in found}


def follow(stretch: Json, events: dict[int, Json], proven: dict[int, Json],
           others: dict[int, bytes], anchors: dict[str, int | None]) -> int:  # fmt: skip
    """From the link before a stretch to its end; the last number that an anchor holds, or 0."""
    link, last, anchored = bytes.fromhex(stretch["start"]), "the beginning", 0
    ours = [proven[each] for each in proven if stretch["after"] < each <= stretch["upto"]]
    first = said(events[ours[0]["id"]])
    meant = {number: kept for kept, number in anchors.items() if number}
    for number in range(stretch["after"] + 1, stretch["upto"] + 1):
        seal, digest = proven.get(number), others.get(number)
        name = said(events[seal["id"]]) if seal else ""
        if seal and link.hex() != seal["previous"]:
            raise DoesNotHold(f"{name} does not follow on {last}: a digest between was changed.")
        if seal:
            digest = digest_of(seal)
        if digest is None:
            raise DoesNotHold(f"An event is missing: number {number} of the chain, after {last}.")
        link = hashlib.sha256(link + digest).digest()
        if seal and link.hex() != seal["link"]:
            raise DoesNotHold(f"{name} is not as it was sealed as number {number}.")
        if number in meant and link.hex() != meant[number]:
            raise DoesNotHold(
                f"{first} or one after it was replaced: your anchor has another number {number}."
            )
        if link.hex() in anchors:
            anchored = number
        last = name or last
    if link.hex() != stretch["end"]:
        raise DoesNotHold(f"What comes after {last} does not lead on: a digest was changed.")
    return anchored


def compare_seals(seals: list[Json], path: str) -> None:
    """Each seal with the key that made it, for whoever holds the keys."""
    secrets = Path(path).read_text().replace(",", " ").split()
    prefix = b"sluice audit key id:"
    keys = {hashlib.sha256(prefix + each.encode()).hexdigest()[:8]: each for each in secrets}
    for each in seals:
        named = f"Event {each['id']}" if "id" in each else f"Number {each['number']} of the chain"
        if each["key_id"] not in keys:
            raise DoesNotHold(f"{named} was sealed with the key {each['key_id']}: not in {path}.")
        text = f"{each['format']}:{each['number']}:".encode() + bytes.fromhex(each["link"])
        made = hmac.new(keys[each["key_id"]].encode(), text, "sha256").hexdigest()
        if not hmac.compare_digest(made, each["seal"]):
            raise DoesNotHold(f"{named}: its seal was not made with your key.")


def check(files: dict[str, bytes], given: list[str], key_file: str | None) -> list[str]:
    """What was shown and what was not, in sentences. Raises DoesNotHold."""
    evidence, proof = json.loads(files["evidence.json"]), json.loads(files["proof.json"])
    events = {each["id"]: each for each in evidence["events"]}
    proven = {each["number"]: each for each in proof["events"]}
    by_event = {each["id"]: each for each in proof["events"]}
    if not len(by_event) == len(proven) == len(proof["events"]):
        raise DoesNotHold("Two events of proof.json claim one number or one id.")
    for event in evidence["events"]:
        seal = by_event.get(event["id"])
        if seal is None or seal["number"] != event["number"]:
            raise DoesNotHold(f"{said(event)} has no proof.")
        compare_event(event, seal)
    if left_out := set(by_event) - set(events):
        raise DoesNotHold(f"Event {min(left_out)} was left out of evidence.json.")
    compare_references({name: evidence[name] for name in evidence if name != "events"}, events)
    if wrong := PARTS["first_wrong"](evidence):
        raise DoesNotHold(wrong)
    compare_sheet(files["events.csv"], evidence["events"])
    anchors, others = anchors_in(given), digests_in(files["digests.txt"].decode())
    held, missed = set[int](), set(proven)
    for stretch in proof["stretches"]:
        upto = follow(stretch, events, proven, others, anchors)
        missed -= set(range(stretch["after"] + 1, stretch["upto"] + 1))
        held |= {each for each in proven if stretch["after"] < each <= upto}
    if missed:
        raise DoesNotHold(f"{said(events[proven[min(missed)]['id']])} is not in the chain.")
    if anchors and events and not held:
        first = said(evidence["events"][0])
        raise DoesNotHold(f"{first} and all others: no anchor of yours is in their chain.")
    compare_sheet(files["went_live.csv"], [with_people(each) for each in evidence["went_live"]])
    if key_file:
        compare_seals([*proof["events"], *proof["ends"]], key_file)
    notes = [f"The pack itself says: {note}" for note in evidence["notes"]]
    return [*shown(len(proven), len(held), key_file), *notes]


def shown(count: int, held: int, key_file: str | None) -> list[str]:
    lines = [f"Shown: all {count} events read as the texts that were sealed, in the chain."]
    if held:
        lines.append(f"Shown: {held} of {count} events are as when your anchor was kept.")
    if key_file:
        lines.append(f"Shown: the seals of all {count} events were made with your key.")
    if held < count:
        lines.append(
            f"Not shown: that {count - held} of {count} events were not made up with the pack. For"
            " that, give what was kept outside from after they happened: --anchor FILE_OR_LINK."
        )
    lines.append(
        "Not shown: what stands in evidence.json and in no event (descriptions, calls, versions),"
        " and that no other event belongs here: ask for the history itself."
    )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="?", default=str(Path(__file__).parent))
    parser.add_argument("--anchor", action="append", default=[], metavar="FILE_OR_LINK")
    parser.add_argument("--key-file", help="the audit keys, for whoever holds them")
    asked = parser.parse_args()
    try:
        lines = check(read(Path(asked.pack)), asked.anchor, asked.key_file)
    except DoesNotHold as error:
        print(f"DOES NOT HOLD. {error}")
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OSError) as error:
        print(f"DOES NOT HOLD. The pack is not one, or is damaged: {error!r}")
    else:
        print("\n".join(["HOLDS.", *lines]))
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
