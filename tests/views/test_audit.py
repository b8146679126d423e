"""The audit page: filters, exact times, pages, new events."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from releases.audit import record
from releases.models import AuditEvent
from tests.factories import EnvironmentFactory, FunctionFactory, ReleaseFactory
from tests.history import at

pytestmark = pytest.mark.django_db
# Events of Sluice that say nothing in particular.
MANY = """
INSERT INTO releases_auditevent (
    at, actor_name, actor_role, action, sentence, function_name, environment_name, objects_named,
    data, aws_request_ids, request_id, user_agent
) SELECT now(), 'Sluice', '', 'step.done', 'A step is done', '', '',
    '[]', '{}', '{}', gen_random_uuid(), '' FROM generate_series(1, %s) AS number
"""
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


def test_words_match_as_a_whole_and_the_last_may_be_just_begun(visitor: Client) -> None:
    release = ReleaseFactory.create()
    wanted = record("release.requested", by=None, release=release, what="Retry_on 3e42abc")
    record("environment.added", by=None, environment=EnvironmentFactory.create(name="staging"))
    for query in ("retr", "on retry", "3e42a", "RETRY 3e42abc", "retry ON"):
        assert shown(visitor, f"?q={query}") == [wanted], query
    for query in ("etry", "retr on", "retry nothing"):
        assert shown(visitor, f"?q={query}") == [], query


def test_rare_words_are_found_behind_many_other_events(visitor: Client) -> None:
    function = FunctionFactory.create()
    wanted = [record("function.read", by=None, function=function, found=found) for found in "xy"]
    with connection.cursor() as cursor:
        cursor.execute(MANY, [3_000])
    assert shown(visitor, "?q=read x") == wanted[:1]
    assert shown(visitor, "?q=sluice read") == wanted[::-1]


def test_no_word_is_too_long_to_be_written_down(visitor: Client) -> None:
    function = FunctionFactory.create()
    wanted = record("function.read", by=None, function=function, found="x" * 9_000)
    assert shown(visitor, f"?q={'x' * 70}") == [wanted]


@pytest.mark.django_db(transaction=True)
def test_pages_go_by_time_also_where_numbers_do_not(visitor: Client) -> None:
    function = FunctionFactory.create()
    read = partial(record, "function.read", by=None, function=function)
    newer = [read(found=str(number)) for number in range(60)]
    with at(newer[0].at - timedelta(days=1)):
        older = [read(found="of the same moment") for _ in range(2)]
    first = visitor.get("/audit/?action=function.read").context["page"]
    assert [*first.rows, *shown(visitor, first.older)] == [*newer[::-1], *older[::-1]]
    assert visitor.get("/audit/?before=999999").status_code == 404


def test_a_minute_includes_all_of_it(visitor: Client) -> None:
    event = record("environment.added", by=None, environment=EnvironmentFactory.create())
    minute = f"{event.at:%Y-%m-%dT%H:%M}"
    assert shown(visitor, f"?action=environment.added&from={minute}&to={minute}") == [event]
    later = f"{event.at + timedelta(minutes=1):%Y-%m-%dT%H:%M}"
    assert shown(visitor, f"?from={later}") == []


def test_days_include_both_ends(visitor: Client) -> None:
    event = record("environment.added", by=None, environment=EnvironmentFactory.create())
    day, action = f"{event.at:%Y-%m-%d}", "action=environment.added"
    assert shown(visitor, f"?{action}&from={day}&to={day}") == [event]
    assert shown(visitor, f"?{action}&to=2020-01-01") == []


def test_times_are_exact_and_utc(visitor: Client) -> None:
    event = record("environment.added", by=None, environment=EnvironmentFactory.create())
    event.refresh_from_db()
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
    with django_assert_max_num_queries(18):
        visitor.get("/audit/")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("release=abc", "“abc” is not a release: write R-1042 or 1042."),
        ("from=xx", "“xx” is not a day or a minute: write 2026-11-21"),
        ("to=2026-13-01", "“2026-13-01” is not a day"),
        ("request=7", "“7” is not the id of a request."),
        ("env=moon", "There is no environment “moon”."),
        ("q=%2D%2D", "“--” holds no word: write letters or digits."),
    ],
)
def test_a_filter_that_means_nothing_matches_nothing_and_says_why(
    client_for: Callable[[User], Client], auditor: User, query: str, says: str
) -> None:
    record("person.signed_in", by=auditor)
    page = client_for(auditor).get(f"/audit/?{query}").content.decode()
    assert says in page
    assert "No event matches" in page
