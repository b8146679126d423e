"""The oldest part of the history may go into a file, and nobody can cut it off otherwise."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.actions.make_evidence import make_evidence
from releases.audit import chain, record
from releases.audit.anchors import anchor_head, anchor_place
from releases.audit.beginning import beginning
from releases.audit.verify import verify
from releases.evidence import OfRelease
from releases.evidence.written import written
from releases.models import AuditEvent, AuditSeal
from tests.audit.conftest import Tamper
from tests.evidence.test_check_evidence import check
from tests.factories import ReleaseFactory
from tests.sealing import seal_all
from tests.world import HERE

TODAY = timezone.now().date()


@pytest.fixture
def old(events: list[AuditEvent], tamper: Tamper, settings: Any, tmp_path: Path) -> list[int]:
    """Six events, four of them of last month; all sealed and anchored."""
    numbers = [event.pk for event in events]
    tamper(f"UPDATE releases_auditevent SET at = at - interval '30 days' WHERE id <= {numbers[3]}")
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path / "anchors")
    anchored()
    return numbers


def anchored() -> None:
    seal_all()
    place = anchor_place()
    assert place and anchor_head(place)


def shown(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def run(to: Path, before: Any = TODAY) -> str:
    call_command("archive_audit", before=before, to=to, stdout=(said := StringIO()))
    return said.getvalue()


def verified(*archives: Path) -> str:
    said = StringIO()
    call_command("verify_audit", archive=list(archives), stdout=said)
    return said.getvalue()


@pytest.fixture
def segment(old: list[int], tmp_path: Path) -> Path:
    """The first four, in their file and no longer in the database."""
    run(tmp_path / "archive")
    (path,) = (tmp_path / "archive").iterdir()
    return path


def test_what_is_archived_is_gone_here_and_verified_in_its_file(
    old: list[int], segment: Path
) -> None:
    assert segment.name == "audit-000000000001-000000000004.jsonl.gz"
    assert not AuditEvent.objects.filter(pk__lte=old[3]).exists()
    assert not AuditSeal.objects.filter(number__lte=4).exists()
    found = verify()
    assert (found.sealed, found.waiting, found.fault) == (2, 1, "")
    seal_all()
    said = verified(segment)
    assert said.startswith("3 events are as they were sealed")
    assert "4 archived events, too, and the history goes on there." in said
    sentence = AuditEvent.objects.get(action="audit.archived").sentence
    assert sentence.startswith(f"Numbers 1 to 4 of the history were archived as {segment.name} (")


def test_a_second_segment_joins_on(segment: Path) -> None:
    record("person.signed_in", by=None)
    anchored()
    later = timezone.now() + timedelta(days=40)
    with pytest.raises(CommandError, match="is to come"):
        run(segment.parent, later.date())
    with time_machine.travel(later, tick=False):
        run(segment.parent, later.date())
    newest = max(segment.parent.iterdir())
    assert verify().fault == ""
    assert "7 archived events" in verified(segment, newest)
    with pytest.raises(CommandError, match="name the newest segment as well"):
        verified(segment)


def test_nobody_else_can_change_the_history_afterwards(
    owner: psycopg.Connection[Any], segment: Path
) -> None:
    for table in ("releases_auditevent", "releases_auditseal"):
        with pytest.raises(psycopg.Error, match="append-only"):
            owner.execute(f"DELETE FROM {table}")


def test_without_anything_old_nothing_happens(old: list[int], tmp_path: Path) -> None:
    first = TODAY - timedelta(days=60)
    assert f"Nothing from before {first} can be archived." in run(tmp_path / "archive", first)
    assert not (tmp_path / "archive").exists()


def test_without_an_anchor_outside_nothing_is_archived(
    old: list[int], settings: Any, tmp_path: Path
) -> None:
    settings.SLUICE_AUDIT_ANCHOR = ""
    with pytest.raises(CommandError, match="No anchor outside holds number 4"):
        run(tmp_path / "archive")
    assert AuditEvent.objects.count() == 6


def test_a_history_that_was_changed_is_not_archived(
    old: list[int], tamper: Tamper, tmp_path: Path
) -> None:
    tamper(f"UPDATE releases_auditevent SET sentence = '' WHERE id = {old[1]}")
    with pytest.raises(CommandError, match=f"all of it stays: Event {old[1]}"):
        run(tmp_path / "archive")
    assert AuditEvent.objects.count() == 6


def test_the_application_alone_cannot_and_trying_again_as_the_owner_goes_on(
    old: list[int], settings: Any, tmp_path: Path
) -> None:
    settings.DATABASE_OWNER_URL, url = "", settings.DATABASE_OWNER_URL
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL must name the tables' owner"):
        run(tmp_path / "archive")
    assert AuditEvent.objects.count() == 6 and verify().fault == ""
    settings.DATABASE_OWNER_URL = url
    assert "Numbers 1 to 4" in run(tmp_path / "archive")


# --- an attacker ---------------------------------------------------------------------------------
CUT = (
    "DELETE FROM releases_auditevent WHERE id IN"
    " (SELECT event_id FROM releases_auditseal WHERE number <= {0})",
    "DELETE FROM releases_auditseal WHERE number <= {0}",
)


def test_a_beginning_that_was_cut_off_is_named(old: list[int], tamper: Tamper) -> None:
    tamper(*(each.format(4) for each in CUT))
    fault = verify().fault
    assert fault.startswith(f"Seal 1 is missing, at the beginning and before event {old[4]}")


def test_who_has_no_key_cannot_say_that_it_was_archived(old: list[int], tamper: Tamper) -> None:
    link = bytes(AuditSeal.objects.get(number=4).link).hex()
    tamper(*(each.format(4) for each in CUT))
    said: dict[str, Any] = {
        "number": 4, "link": link, "first": 1, "file": "audit.jsonl.gz", "sha256": "",
        "reached": [], "key_id": AuditSeal.objects.get(number=5).key_id, "signature": "0" * 64,
    }  # fmt: skip
    record("audit.archived", by=None, **said)
    seal_all()
    assert verify().fault.startswith("Seal 1 is missing, at the beginning")


def test_more_cannot_be_cut_off_than_was_archived(
    old: list[int], segment: Path, tamper: Tamper
) -> None:
    tamper(*(each.format(5) for each in CUT))
    assert verify().fault.startswith(
        f"Seal 5 is missing, at the beginning and before event {old[5]}"
    )


def test_what_was_archived_cannot_be_put_back_otherwise(
    old: list[int], segment: Path, tamper: Tamper
) -> None:
    tamper(
        'INSERT INTO releases_auditseal SELECT (jsonb_populate_record(s, \'{"number": 4,'
        f' "event_id": {old[3]}}}\')).* FROM releases_auditseal s WHERE number = 5'
    )
    assert verify().fault.startswith(f"Event {old[3]} stands at number 4, which is archived")


def test_nothing_is_slipped_in_among_what_was_archived_of_a_cluster_before_a_restore(
    events: list[AuditEvent], tamper: Tamper, settings: Any, tmp_path: Path
) -> None:
    last = events[3].pk
    tamper(
        "UPDATE releases_auditevent SET cluster = 1, at = at - interval '30 days'"
        f" WHERE id <= {last}"
    )
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path / "anchors")
    anchored()
    run(tmp_path / "archive")
    columns = ", ".join(chain.COLUMNS[1][1:-2])
    tamper(
        f"INSERT INTO releases_auditevent (id, {columns}, cluster, xid)"
        f" SELECT 999999, {columns}, 1, 1 FROM releases_auditevent LIMIT 1"
    )
    seal_all()
    assert verify().fault.startswith("Event 999999 ") and "was inserted" in verify().fault


def test_an_event_is_named_that_follows_the_archive_and_was_altered(
    old: list[int], segment: Path, tamper: Tamper
) -> None:
    tamper(f"UPDATE releases_auditevent SET sentence = '' WHERE id = {old[4]}")
    assert verify().fault.startswith(f"Event {old[4]} ") and "was altered" in verify().fault


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (lambda lines: [lines[0], lines[1].replace("signed", "singed"), *lines[2:]],
         r"Event \d+ in .* was altered after it was sealed as number 1"),
        (lambda lines: [*lines[:2], *lines[3:]], r"lacks number 2, before event \d+"),
        (lambda lines: lines[:-1], r"ends with number 3: 4 is its last one"),
        (lambda lines: lines[:1], r"ends with number 0: 4 is its last one"),
    ],
    ids=["altered", "left out", "cut off", "emptied"],
)  # fmt: skip
def test_a_changed_segment_is_named(segment: Path, how: Any, says: str) -> None:
    lines = gzip.decompress(segment.read_bytes()).decode().splitlines()
    segment.write_bytes(gzip.compress("\n".join(how(lines)).encode()))
    with pytest.raises(CommandError, match=says):
        verified(segment)


def test_a_segment_made_up_with_plain_hashes_is_named(segment: Path) -> None:
    lines = gzip.decompress(segment.read_bytes()).decode().splitlines()
    first = json.loads(lines[1]) | {"seal": "0" * 64}
    lines[1] = json.dumps(first)
    segment.write_bytes(gzip.compress("\n".join(lines).encode()))
    with pytest.raises(CommandError, match="its seal 1 was made up without the key"):
        verified(segment)


def test_what_is_no_segment_is_said(old: list[int], tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(b"nothing")
    with pytest.raises(CommandError, match=r"x\.gz cannot be read"):
        verified(tmp_path / "x.gz")


def test_packs_go_on_holding(segment: Path, auditor: User, tmp_path: Path) -> None:
    """Of the first event that is left, too: what it follows on is told by the archiving."""
    release = ReleaseFactory.create()
    record("release.requested", by=auditor, release=release, what="a package")
    anchored()
    later = timezone.now() + timedelta(days=40)
    with time_machine.travel(later, tick=False):
        run(segment.parent, later.date())
    assert AuditSeal.objects.get().number == beginning().number + 1
    pack = make_evidence(OfRelease(release, auditor), by=auditor, origin=HERE)
    (tmp_path / "pack.zip").write_bytes(b"".join(written(pack, by="auditor")))
    status, words = check(tmp_path / "pack.zip", "--anchor", tmp_path / "anchors")
    assert status == 0 and "1 of 1 events are as when your anchor was kept" in words


def test_pages_and_packs_that_reach_back_into_it_say_so(
    segment: Path, client_for: Callable[[User], Client], auditor: User
) -> None:
    client = client_for(auditor)
    yesterday = TODAY - timedelta(days=1)
    said = f"are archived and not looked at here; the last of them are in {segment.name}."
    for address in (
        "/audit/", f"/audit/?to={yesterday}", f"/evidence/?from={yesterday}",
        f"/evidence/days/?from={yesterday}",
    ):  # fmt: skip
        assert f"Events up to number 4, from before {TODAY} " in (page := shown(client, address))
        assert said in page
    tomorrow = TODAY + timedelta(days=1)
    for name in ("audit", "evidence", "evidence/days"):
        assert "are archived" not in shown(client, f"/{name}/?from={tomorrow}")
    answer: Any = client.post(f"/evidence/days/zip/?from={yesterday}")
    pack = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert said in json.loads(pack.read("evidence.json"))["notes"][0]
