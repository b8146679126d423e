"""The audit page: filters, exact times, pages, new events."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.audit import record
from releases.models import AuditEvent
from tests.factories import EnvironmentFactory, FunctionFactory, ReleaseFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def visitor(client_for: ClientFor, auditor: User) -> Client:
    return client_for(auditor)


def shown(client: Client, query: str) -> list[AuditEvent]:
    rows: list[AuditEvent] = client.get(f"/audit/{query}").context["page"].rows
    return rows


def test_each_filter_finds_its_event(visitor: Client, manager: User) -> None:
    release = ReleaseFactory.create()
    wanted = record("release.requested", by=manager, release=release, what="Retry cards")
    record("environment.added", by=None, environment=EnvironmentFactory.create(name="staging"))
    for query in (
        f"?who={manager.name}",
        "?action=release.requested",
        f"?function={release.function.name}",
        f"?release={release.reference}",
        "?env=production",
        "?q=retry",
    ):
        assert shown(visitor, query) == [wanted], query


def test_days_include_both_ends(visitor: Client) -> None:
    event = record("environment.added", by=None, environment=EnvironmentFactory.create())
    day, action = f"{event.at:%Y-%m-%d}", "action=environment.added"
    assert shown(visitor, f"?{action}&from={day}&to={day}") == [event]
    assert shown(visitor, f"?{action}&to=2020-01-01") == []


def test_times_are_exact_and_utc(visitor: Client) -> None:
    event = record("environment.added", by=None, environment=EnvironmentFactory.create())
    assert f"{event.at:%Y-%m-%d %H:%M:%S.%f} UTC" in visitor.get("/audit/").content.decode()


def test_pages_follow_each_other(visitor: Client) -> None:
    function = FunctionFactory.create()
    for _ in range(52):
        record("function.read", by=None, function=function, found="nothing new")
    first = visitor.get("/audit/?action=function.read").context["page"]
    assert len(first.rows) == 50
    assert len(shown(visitor, first.older)) == 2


def test_new_events_wait_behind_their_count(visitor: Client) -> None:
    function = FunctionFactory.create()
    seen = record("function.read", by=None, function=function, found="nothing new")
    record("function.read", by=None, function=function, found="nothing new")
    part = visitor.get(f"/audit/?newer={seen.pk}").content.decode()
    assert "1 new event<" in part


def test_a_sentence_is_escaped(visitor: Client, manager: User) -> None:
    record("release.requested", by=manager, release=ReleaseFactory.create(), what="<script>")
    assert "<script>" not in visitor.get("/audit/").content.decode().split("</head>")[1]


def test_an_empty_answer_says_how_to_search(visitor: Client) -> None:
    page = visitor.get("/audit/?function=nothing").content.decode()
    assert "No event matches" in page


def test_the_number_of_queries_does_not_grow(
    visitor: Client, django_assert_max_num_queries: Any
) -> None:
    function = FunctionFactory.create()
    for _ in range(20):
        record("function.read", by=None, function=function, found="nothing new")
    with django_assert_max_num_queries(13):
        visitor.get("/audit/")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("release=abc", "“abc” is not a release: write R-1042 or 1042."),
        ("from=xx", "“xx” is not a day: write 2026-11-21."),
        ("to=2026-13-01", "“2026-13-01” is not a day"),
    ],
)
def test_a_filter_that_means_nothing_matches_nothing_and_says_why(
    client_for: Callable[[User], Client], auditor: User, query: str, says: str
) -> None:
    record("person.signed_in", by=auditor)
    page = client_for(auditor).get(f"/audit/?{query}").content.decode()
    assert says in page
    assert "No event matches" in page
