"""Whoever may do everything in the database still cannot change the history unseen."""

from __future__ import annotations

import hashlib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from releases.audit import chain, record
from releases.audit.anchors import anchor_head, anchor_place
from releases.audit.verify import verify
from releases.audit.watch import Outside, check
from releases.models import AuditCheck, AuditEvent, AuditSeal
from tests.audit.conftest import Tamper
from tests.sealing import seal_all


@pytest.fixture
def sealed(events: list[AuditEvent]) -> list[int]:
    """The numbers of the six events, all sealed."""
    seal_all()
    return [event.pk for event in events]


def test_what_nobody_touched_is_sound(sealed: list[int]) -> None:
    record("person.signed_in", by=None)
    found = verify()
    assert (found.sealed, found.waiting, found.fault) == (6, 1, "")


@pytest.mark.parametrize(
    "change",
    [
        "sentence = 'nobody did anything'",
        "at = at + interval '1 microsecond'",
        "actor_name = 'somebody else'",
        "data = '{\"a\": 1}'",
        "user_agent = NULLIF('x', 'y')",
        "aws_request_ids = '{made-up}'",
        "before = 'null'",
    ],
)
def test_an_edited_row_is_named(sealed: list[int], tamper: Tamper, change: str) -> None:
    tamper(f"UPDATE releases_auditevent SET {change} WHERE id = {sealed[2]}")
    fault = verify().fault
    assert fault.startswith(f"Event {sealed[2]} ") and "was altered" in fault


def test_of_several_the_first_is_named(sealed: list[int], tamper: Tamper) -> None:
    tamper(f"UPDATE releases_auditevent SET sentence = '' WHERE id IN ({sealed[4]}, {sealed[1]})")
    assert verify().fault.startswith(f"Event {sealed[1]} ")


def test_a_text_moved_from_one_column_to_the_next_is_seen(
    sealed: list[int], tamper: Tamper
) -> None:
    tamper(
        "UPDATE releases_auditevent SET actor_name = 'develop', actor_role = 'er' || actor_role"
        f" WHERE id = {sealed[0]}"
    )
    assert verify().fault.startswith(f"Event {sealed[0]} ")


def test_a_removed_row_is_named(sealed: list[int], tamper: Tamper) -> None:
    tamper(f"DELETE FROM releases_auditevent WHERE id = {sealed[3]}")
    assert verify().fault == f"Event {sealed[3]} is missing: it was sealed as number 4."


def test_a_removed_seal_is_named(sealed: list[int], tamper: Tamper) -> None:
    tamper(
        f"DELETE FROM releases_auditevent WHERE id = {sealed[3]}",
        f"DELETE FROM releases_auditseal WHERE event_id = {sealed[3]}",
    )
    assert verify().fault.startswith(f"Seal 4 is missing, after event {sealed[2]} and before")


def test_a_closed_gap_is_named(sealed: list[int], tamper: Tamper) -> None:
    tamper(
        f"DELETE FROM releases_auditseal WHERE event_id = {sealed[3]}",
        f"DELETE FROM releases_auditevent WHERE id = {sealed[3]}",
        "UPDATE releases_auditseal SET number = -number WHERE number > 4",
        "UPDATE releases_auditseal SET number = -number - 1 WHERE number < 0",
    )
    fault = verify().fault
    assert fault.startswith(f"Event {sealed[4]} ") and "sealed as 5" in fault


@pytest.mark.parametrize(
    ("change", "number", "fault"),
    [
        ("xid = 1", 6, "is of another transaction than its seal 6 says"),
        ("xid = 4000000000000", 6, "is of another transaction than its seal 6 says"),
        ("cluster = 1", 3, "is of another transaction than its seal 3 says"),
        ("event_id = -1", 3, "is missing: it was sealed as number 3"),
        ("format = 7", 3, "has the unknown format 7"),
        ("link = ''", 3, "was altered, and so was its seal 3"),
        ("link = ''", 4, "was altered, and so was its seal 4"),
        ("link = '\\x00', at = 'infinity'", 6, "was altered, and so was its seal 6"),
        ("seal = ''", 2, "made up without the key"),
        ("number = 9000000000000000000", 6, "Seal 6 is missing"),
        ("number = -7", 1, "which is archived"),
    ],
)
def test_a_seal_with_one_value_altered_is_named(
    sealed: list[int], tamper: Tamper, monkeypatch: pytest.MonkeyPatch, change: str, number: int,
    fault: str,
) -> None:  # fmt: skip
    """Also where it is the last of the stretch that is read at once, or the first."""
    monkeypatch.setattr("releases.audit.verify.CHUNK", 3)
    tamper(f"UPDATE releases_auditseal SET {change} WHERE number = {number}")
    assert fault in verify().fault


def test_a_missing_seal_is_named_where_the_next_stretch_begins(
    sealed: list[int], tamper: Tamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("releases.audit.verify.CHUNK", 3)
    tamper("DELETE FROM releases_auditseal WHERE number = 3")
    assert verify().fault.startswith("Seal 3 is missing")


def test_of_an_altered_row_and_a_later_one_that_is_gone_the_first_is_named(
    sealed: list[int], tamper: Tamper
) -> None:
    tamper(
        f"UPDATE releases_auditevent SET sentence = '' WHERE id = {sealed[1]}",
        f"DELETE FROM releases_auditevent WHERE id = {sealed[3]}",
    )
    assert verify().fault.startswith(f"Event {sealed[1]} ")


def test_an_inserted_row_is_named(sealed: list[int], tamper: Tamper) -> None:
    """It pretends to be of a transaction of long ago."""
    columns = ", ".join(name for name in chain.COLUMNS[1] if name != "id")
    tamper(
        f"INSERT INTO releases_auditevent (id, {columns}) SELECT 999999, {columns}"
        f" FROM releases_auditevent WHERE id = {sealed[0]}"
    )
    assert verify().fault.startswith("Event 999999 ") and "was inserted" in verify().fault


@pytest.mark.parametrize("chunk", [2, 5_000])
def test_a_row_that_was_dated_back_before_it_was_sealed_is_named(
    sealed: list[int], tamper: Tamper, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr("releases.audit.verify.CHUNK", chunk)
    late = record("person.signed_in", by=None)
    for minutes, sound in ((59, True), (61, False)):
        tamper(
            f"UPDATE releases_auditevent SET at = now() - interval '{minutes} minutes'"
            f" WHERE id = {late.pk}",
            "DELETE FROM releases_auditseal WHERE number > 6",
        )
        seal_all()
        fault = verify().fault
        assert (fault == "") == sound
    assert fault.startswith(f"Event {late.pk} ") and "one of these times was made up" in fault


def test_swapped_rows_are_named(sealed: list[int], tamper: Tamper) -> None:
    first, second = sealed[1], sealed[4]
    tamper(
        f"UPDATE releases_auditseal SET event_id = -1 WHERE event_id = {first}",
        f"UPDATE releases_auditseal SET event_id = {first} WHERE event_id = {second}",
        f"UPDATE releases_auditseal SET event_id = {second} WHERE event_id = -1",
    )
    fault = verify().fault
    assert fault.startswith(f"Event {second} ") and f"swapped with event {first}" in fault


def test_reordered_seals_are_named(sealed: list[int], tamper: Tamper) -> None:
    tamper(
        "UPDATE releases_auditseal SET number = -1 WHERE number = 2",
        "UPDATE releases_auditseal SET number = 2 WHERE number = 5",
        "UPDATE releases_auditseal SET number = 5 WHERE number = -1",
    )
    fault = verify().fault
    assert fault.startswith(f"Event {sealed[4]} ") and "number 2 and was sealed as 5" in fault


def recomputed(tamper: Tamper, first: int) -> None:
    """All hashes from `first` on, as anybody can make them who lacks the key."""
    seals = AuditSeal.objects.order_by("number")
    link = bytes(seals.get(number=first - 1).link)
    statements = []
    for each in seals.filter(number__gte=first):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {chain.digest_of('e')} FROM releases_auditevent e WHERE id = %s",
                [each.event_id],
            )
            (digest,) = cursor.fetchone()
        link = chain.link(link, bytes(digest))
        forged = hashlib.sha256(link).hexdigest()
        statements.append(
            f"UPDATE releases_auditseal SET link = '\\x{link.hex()}', seal = '\\x{forged}'"
            f" WHERE number = {each.number}"
        )
    tamper(*statements)


def test_recomputed_hashes_do_not_help_who_has_no_key(sealed: list[int], tamper: Tamper) -> None:
    tamper(f"UPDATE releases_auditevent SET sentence = '' WHERE id = {sealed[2]}")
    recomputed(tamper, 3)
    fault = verify().fault
    assert fault.startswith(f"Event {sealed[2]} ") and "without the key" in fault


def test_a_cut_off_tail_is_seen_by_what_is_kept_outside(
    sealed: list[int], tamper: Tamper, tmp_path: Path
) -> None:
    place = anchor_place(str(tmp_path))
    assert place
    anchor_head(place)
    tamper(
        f"DELETE FROM releases_auditseal WHERE event_id >= {sealed[4]}",
        f"DELETE FROM releases_auditevent WHERE id >= {sealed[4]}",
    )
    assert verify().fault == ""
    with pytest.raises(CommandError, match=r"cut off: it ends with seal 4, and .* holds seal 6"):
        call_command("verify_audit", anchors=str(tmp_path))


def test_a_chain_made_anew_with_the_key_is_seen_by_what_is_kept_outside(
    sealed: list[int], tamper: Tamper, tmp_path: Path
) -> None:
    place = anchor_place(str(tmp_path))
    assert place
    anchor_head(place)
    tamper(
        "DELETE FROM releases_auditseal",
        f"UPDATE releases_auditevent SET sentence = '' WHERE id = {sealed[2]}",
    )
    seal_all()
    assert verify().fault == ""
    with pytest.raises(CommandError, match="was replaced: seal 6 is another one"):
        call_command("verify_audit", anchors=str(tmp_path))


def test_the_command_says_how_much_it_checked_and_how_fast(sealed: list[int]) -> None:
    said = StringIO()
    call_command("verify_audit", stdout=said)
    assert said.getvalue().startswith("6 events are as they were sealed, 0 wait to be sealed (")
    assert "a second" in said.getvalue() and "No anchors are kept outside" in said.getvalue()


def test_the_command_fails_with_the_fault(sealed: list[int], tamper: Tamper) -> None:
    tamper(f"DELETE FROM releases_auditevent WHERE id = {sealed[3]}")
    with pytest.raises(CommandError, match=f"Event {sealed[3]} is missing"):
        call_command("verify_audit")


def test_a_fault_goes_into_the_history_once(sealed: list[int], tamper: Tamper) -> None:
    tamper(f"DELETE FROM releases_auditevent WHERE id = {sealed[3]}")
    assert not check(Outside()).is_sound
    check(Outside())
    assert AuditCheck.objects.count() == 2
    event = AuditEvent.objects.get(action="audit.fault_found")
    assert f"Event {sealed[3]} is missing" in event.sentence
