"""What cron does for the history goes on, whatever somebody wrote into the database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection
from django.db.models import QuerySet
from django.test import Client

from accounts.models import User
from releases.audit import record
from releases.audit.watch import Outside, check, tick, watch
from releases.models import AuditCheck, AuditEvent, AuditSeal
from tests.audit.conftest import Tamper
from tests.sealing import seal_all, sooner_or_later


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE releases_auditseal SET xid = 1 WHERE number = 6",
        "UPDATE releases_auditseal SET cluster = 1 WHERE number = 6",
        "UPDATE releases_auditevent SET cluster = 1 WHERE id = (SELECT max(id) FROM"
        " releases_auditevent)",
        "UPDATE releases_auditseal SET at = 'infinity' WHERE number = 6",
    ],
)
def test_a_position_that_was_turned_back_keeps_nothing_from_being_sealed(
    events: list[AuditEvent], tamper: Tamper, statement: str
) -> None:
    seal_all()
    tamper(statement)
    later = record("person.signed_in", by=None)
    tick(Outside())
    seal_all()
    assert AuditSeal.objects.filter(event_id=later.pk).exists()
    assert AuditSeal.objects.count() == AuditEvent.objects.count() >= 7


def test_the_page_of_the_history_stands_a_time_that_is_none(
    events: list[AuditEvent], tamper: Tamper, client_for: Callable[[User], Client], auditor: User
) -> None:
    seal_all()
    tamper("UPDATE releases_auditseal SET at = 'infinity'")
    assert client_for(auditor).get("/audit/").status_code == 200


def test_the_history_is_checked_although_nothing_can_be_sealed(
    events: list[AuditEvent], tamper: Tamper
) -> None:
    seal_all()
    tamper(f"UPDATE releases_auditseal SET number = {2**63 - 1} WHERE number = 6")
    record("person.signed_in", by=None)

    def cannot_be_sealed() -> bool:
        try:
            tick(Outside())
        except DatabaseError:
            return True
        return False

    sooner_or_later(cannot_be_sealed)
    assert "Seal 6 is missing" in AuditCheck.objects.latest("pk").fault


@pytest.mark.parametrize("statement", ["WITH seals AS MATERIALIZED", "COPY releases_auditseal"])
def test_postgresql_that_restarts_meanwhile_ends_nothing(
    events: list[AuditEvent], owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch,
    statement: str,
) -> None:  # fmt: skip
    """The connection breaks in a statement that Django does not see."""
    stopping, ticks = threading.Event(), list[str]()
    execute, copy = psycopg.Cursor.execute, psycopg.Cursor.copy

    def broken(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if statement in str(query):
            owner.execute("SELECT pg_terminate_backend(%s)", [cursor.connection.info.backend_pid])
        return (copy if "COPY" in str(query) else execute)(cursor, query, *args, **kwargs)

    def counted(outside: Outside) -> None:
        ticks.append("")
        if len(ticks) == 3:
            stopping.set()
        tick(outside)

    monkeypatch.setattr("releases.audit.watch.SECONDS", 0.0)
    monkeypatch.setattr("releases.audit.watch.tick", counted)
    monkeypatch.setattr(psycopg.Cursor, "execute", broken)
    monkeypatch.setattr(psycopg.Cursor, "copy", broken)
    watch(stopping)
    assert len(ticks) == 3


def test_a_fault_that_could_not_be_told_is_told_by_the_next_check(
    events: list[AuditEvent], tamper: Tamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_all()
    tamper("UPDATE releases_auditevent SET sentence = 'x' WHERE id = (SELECT min(id) FROM"
           " releases_auditevent)")  # fmt: skip
    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(QuerySet, "create", away(AuditEvent, QuerySet.create))
        check(Outside())
    check(Outside())
    assert AuditEvent.objects.filter(action="audit.fault_found").count() == 1


def away(model: type[Any], create: Any) -> Any:
    def refuse(rows: Any, **fields: Any) -> Any:
        if rows.model is model:
            raise OperationalError("the connection is lost")
        return create(rows, **fields)

    return refuse


def test_two_checks_at_once_put_a_fault_into_the_history_once(
    events: list[AuditEvent], tamper: Tamper
) -> None:
    seal_all()
    tamper("UPDATE releases_auditevent SET sentence = 'x' WHERE id = (SELECT min(id) FROM"
           " releases_auditevent)")  # fmt: skip

    def in_a_thread() -> None:
        try:
            check(Outside())
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(in_a_thread) for _ in range(4)]:
            each.result()
    assert AuditEvent.objects.filter(action="audit.fault_found").count() == 1
