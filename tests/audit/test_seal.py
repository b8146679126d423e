"""Settled events are chained in the order in which their transactions began."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from accounts.models import User
from releases.audit import record
from releases.audit.archived import archived_since
from releases.audit.keys import NoAuditKey
from releases.audit.seal import seal
from releases.audit.status import SealStatus, seal_status
from releases.audit.verify import verify
from releases.models import AuditEvent, AuditSeal
from tests.audit.conftest import Tamper
from tests.sealing import PATIENCE, seal_all


def sealed_order() -> list[int]:
    return list(AuditSeal.objects.order_by("number").values_list("event_id", flat=True))


def test_every_settled_event_has_its_place_and_no_number_is_left_out(
    events: list[AuditEvent],
) -> None:
    assert seal_all(batch=4) == 6
    assert seal() == 0
    assert sealed_order() == [event.pk for event in events]
    assert sorted(AuditSeal.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("reached", ["all of it", [["x", 1, 2]], 7])
def test_rubbish_in_the_name_of_an_archiving_keeps_nothing_from_being_sealed(
    transactional_db: None, reached: object
) -> None:
    said: Any = {"first": 1, "number": "4", "link": "no", "file": "", "sha256": ""}
    record("audit.archived", by=None, reached=reached, **said)
    assert seal_all() == 1
    assert archived_since(None) is None


def test_an_event_waits_for_a_transaction_that_began_before_it(
    owner: psycopg.Connection[Any], developer: User
) -> None:
    """The late one has the smaller number: it is sealed first, whoever committed first."""
    with psycopg.connect(owner.info.dsn, password=owner.info.password) as late:
        late.execute(
            "INSERT INTO releases_auditevent (at, actor_name, actor_role, action, sentence,"
            " function_name, environment_name, objects_named, data, aws_request_ids, request_id,"
            " user_agent) VALUES (now(), 'late', '', 'person.signed_in', 'late', '', '', '[]',"
            " '{}', '{}', gen_random_uuid(), '')"
        )
        early = record("person.signed_in", by=developer)
        assert seal() == 0
        assert seal_status().waiting == 1
        late.commit()
    assert seal_all() == 2
    assert sealed_order() == [AuditEvent.objects.get(actor_name="late").pk, early.pk]


def blocked_by(name: str) -> SealStatus:
    """How it stands once nobody but this one holds sealing up: other tests do for a moment."""
    deadline = time.monotonic() + PATIENCE
    while name not in (status := seal_status()).blocker or seal():
        assert time.monotonic() < deadline, status.blocker
        time.sleep(0.02)
    return seal_status()


def test_the_transaction_that_holds_sealing_up_is_named(
    owner: psycopg.Connection[Any], events: list[AuditEvent], tamper: Tamper
) -> None:
    seal_all()
    name = "nightly-report"
    with psycopg.connect(
        owner.info.dsn, password=owner.info.password, application_name=name
    ) as stranger:
        stranger.execute("SELECT pg_current_xact_id()")
        pid = stranger.info.backend_pid
        waiting = record("person.signed_in", by=None)
        tamper(f"UPDATE releases_auditevent SET at = at - interval '61 s' WHERE id = {waiting.pk}")
        status = blocked_by(name)
        assert status.is_late and status.waiting == 1
        assert f"({name})" in status.blocker and f"pg_terminate_backend({pid})" in status.blocker
    assert seal_all() == 1
    assert seal_status().blocker == ""


def test_a_transaction_that_is_rolled_back_leaves_no_gap(developer: User, events: Any) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("person.signed_in", by=developer)
        _ = 1 / 0
    last = record("person.signed_in", by=developer)
    assert seal_all() == 7
    assert AuditSeal.objects.get(event_id=last.pk).number == 7
    assert verify().fault == ""


def test_events_of_a_restored_backup_are_settled_at_once(
    events: list[AuditEvent], tamper: Tamper
) -> None:
    """Their transactions ran in another cluster, whose numbers mean nothing here."""
    seal_all()
    record("person.signed_in", by=None)
    tamper(
        "UPDATE releases_auditevent SET cluster = 42, xid = xid + 1000000000 WHERE id NOT IN"
        " (SELECT event_id FROM releases_auditseal)"
    )
    assert seal() == 1
    assert (seal_status().waiting, verify().fault) == (0, "")


def test_two_sealers_at_once_do_no_harm(events: list[AuditEvent]) -> None:
    def in_a_thread() -> int:
        try:
            return seal(batch=2)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(in_a_thread) for _ in range(2)]
        assert sum(each.result() for each in both) <= 6
    seal_all()
    assert sealed_order() == [event.pk for event in events]


def test_eight_writers_and_the_sealer_at_once(
    transactional_db: None, developer: User, owner: psycopg.Connection[Any]
) -> None:
    """No gap, no order fault, and nobody's later event stands before an earlier one of theirs."""
    each, writers = 400, 8
    done = threading.Event()

    def write(name: str) -> None:
        with psycopg.connect(owner.info.dsn, password=owner.info.password) as theirs:
            for number in range(each):
                theirs.execute(INSERT, [name, str(number)])
                if number % 7 == 3:
                    theirs.rollback()
                elif number % 3 == 0:
                    theirs.commit()
            theirs.commit()

    def go_on_sealing() -> None:
        try:
            while not done.is_set():
                seal(batch=100)
        finally:
            connection.close()

    with ThreadPoolExecutor(writers + 1) as threads:
        sealing = threads.submit(go_on_sealing)
        for writing in [threads.submit(write, f"writer-{n}") for n in range(writers)]:
            writing.result()
        done.set()
        sealing.result()
    seal_all()
    assert verify().fault == ""
    assert AuditSeal.objects.count() == AuditEvent.objects.count() > 1_000
    order = {event: number for number, event in enumerate(sealed_order())}
    for name in (f"writer-{n}" for n in range(writers)):
        theirs = AuditEvent.objects.filter(actor_name=name).order_by("pk")
        places = [order[pk] for pk in theirs.values_list("pk", flat=True)]
        assert places == sorted(places)


INSERT = """
INSERT INTO releases_auditevent (at, actor_name, actor_role, action, sentence, function_name,
    environment_name, objects_named, data, aws_request_ids, request_id, user_agent)
VALUES (now(), %s, '', 'person.signed_in', %s, '', '', '[]', '{}', '{}', gen_random_uuid(), '')
"""


@pytest.mark.parametrize(("key", "problem"), [("", "is not set"), ("short", "fewer than 32")])
def test_without_a_key_nothing_is_sealed(
    events: list[AuditEvent], settings: Any, key: str, problem: str
) -> None:
    settings.SLUICE_AUDIT_KEY = key
    with pytest.raises(NoAuditKey, match=problem):
        seal()
    assert not AuditSeal.objects.exists()


def test_a_new_key_seals_and_the_old_one_still_checks(
    events: list[AuditEvent], settings: Any
) -> None:
    seal_all()
    old, new = settings.SLUICE_AUDIT_KEY, "a-new-key-that-is-long-enough-to-be-one"
    settings.SLUICE_AUDIT_KEY = f"{new},{old}"
    record("person.signed_in", by=None)
    seal_all()
    assert AuditSeal.objects.values("key_id").distinct().count() == 2
    assert verify().fault == ""
    settings.SLUICE_AUDIT_KEY = new
    with pytest.raises(NoAuditKey, match="give it back its place"):
        verify()
