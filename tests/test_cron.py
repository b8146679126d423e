"""The cron process: what it does besides recover(), and what does not stop it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command

from releases.management.commands import cron

pytestmark = pytest.mark.django_db
PAST = datetime(2020, 1, 1, tzinfo=UTC)


def expired_session(key: str) -> None:
    Session.objects.create(session_key=key, session_data="", expire_date=PAST)


def test_expired_sessions_are_forgotten_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    command = cron.Command()
    expired_session("first")
    command.daily()
    assert not Session.objects.exists()
    expired_session("second")
    command.daily()
    assert Session.objects.exists()
    now += cron.DAY_SECONDS
    command.daily()
    assert not Session.objects.exists()


def test_a_store_that_cannot_be_read_does_not_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> Any:
        raise OSError("no space left")

    monkeypatch.setattr(cron, "artifacts", full)
    monkeypatch.setattr(cron, "close_old_connections", lambda: None)
    cron.Command().tick()


def test_it_fails_when_the_history_is_not_watched_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cron, "watch", lambda stopping: None)
    monkeypatch.setattr(cron.Command, "tick", lambda self: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(CommandError, match="ended by itself"):
        call_command("cron")


def test_it_ends_well_when_it_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers = []
    monkeypatch.setattr(cron, "watch", lambda stopping: stopping.wait())
    monkeypatch.setattr("signal.signal", lambda _, handler: handlers.append(handler))
    monkeypatch.setattr(cron.Command, "tick", lambda self: handlers[0]())
    call_command("cron")
