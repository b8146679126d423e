"""Exporting the history: who may, how far it is, and the file that comes out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases import broker
from releases.models import AuditEvent, AuditExport, ExportState
from releases.pipeline import export as exporting
from tests.signing_in import signs_in

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def visitor(auditor: User) -> Client:
    return signs_in(auditor)


def ask(client: Client, query: str = "action=person.signed_in", format: str = "csv") -> str:
    answer = client.post("/audit/exports/", {"query": query, "format": format})
    return str(answer["Location"])


def test_the_present_filter_comes_as_a_file(visitor: Client) -> None:
    here = ask(visitor)
    waiting = visitor.get(here).content.decode()
    assert 'hx-trigger="every 1s"' in waiting and "You may leave this page" in waiting
    exporting.write(str(AuditExport.objects.get().pk))
    part = visitor.get(here, headers={"HX-Request": "true"}).content.decode()
    assert ": 1 event," in part and "hx-trigger" not in part and "<html" not in part
    answer: Any = visitor.post(f"{here}download/")
    body = b"".join(answer.streaming_content).decode()
    assert body.splitlines()[0].startswith("id,at,actor_id,actor_name")
    assert "auditor signed in" in body
    assert answer["Content-Length"] == str(len(body))
    assert answer["Content-Disposition"].endswith('.csv"')
    event = AuditEvent.objects.latest("pk")
    assert event.sentence == "auditor downloaded an export of 1 events"


def test_progress_is_shown_in_numbers(visitor: Client) -> None:
    here = ask(visitor)
    AuditExport.objects.update(state=ExportState.WRITING, event_count=1_000_000, done_count=420_000)
    page = visitor.get(here).content.decode()
    assert "420,000 of 1,000,000 events are written" in page
    assert 'max="1000000" value="420000"' in page


def test_the_file_is_for_whoever_asked_for_it(
    visitor: Client, client_for: ClientFor, manager: User
) -> None:
    here, other = ask(visitor), client_for(manager)
    assert other.get(here).status_code == 403
    answer = other.post(f"{here}download/")
    assert answer.status_code == 403
    assert "This export is for auditor." in answer.content.decode()
    assert AuditEvent.objects.latest("pk").action == "audit.refused"


@pytest.mark.parametrize(
    ("query", "format", "says"),
    [
        ("", "xls", "Choose CSV or JSON Lines."),
        ("release=abc", "csv", "“abc” is not a release"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_its_reason(
    visitor: Client, query: str, format: str, says: str
) -> None:
    where = ask(visitor, query, format)
    assert says in visitor.get(where).content.decode()
    event = AuditEvent.objects.latest("pk")
    assert event.action == "audit.refused" and "could not export the history: " in event.sentence
    assert not AuditExport.objects.exists()


def test_a_file_that_is_not_there_is_not_downloaded(visitor: Client) -> None:
    here = ask(visitor)
    answer = visitor.post(f"{here}download/", follow=True)
    assert "This file is not there: export the history once more." in answer.content.decode()
    AuditExport.objects.update(state=ExportState.DONE, event_count=1, size=1)
    answer = visitor.post(f"{here}download/", follow=True)
    assert "The file is gone from the store" in answer.content.decode()
    actions = AuditEvent.objects.order_by("-pk").values_list("action", flat=True)
    assert list(actions[:2]) == ["audit.refused", "audit.refused"]
    AuditExport.objects.update(state=ExportState.REMOVED)
    assert "as every export is after a day" in visitor.get(here).content.decode()


def test_the_page_says_that_redis_is_down_and_what_happens_then(
    visitor: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ask(visitor)
    settings.REDIS_URL = "redis://127.0.0.1:9"
    monkeypatch.setattr(broker, "_down_until", 0.0)
    page = visitor.get(here).content.decode()
    monkeypatch.setattr(broker, "_down_until", 0.0)
    assert "Redis is down" in page and "begins by itself" in page
