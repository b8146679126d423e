"""The picture of activity: what it counts, in which pieces, and where its bars lead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from django.test import Client, RequestFactory

from accounts.models import User
from releases.audit import record
from releases.audit.activity import activity
from releases.audit.search import Found, Search
from releases.models import AuditEvent
from releases.views.audit_picture import Picture
from releases.views.audit_picture import picture as picture_of
from tests.factories import EnvironmentFactory
from tests.history import at

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def happened(*after: timedelta) -> list[AuditEvent]:
    place = EnvironmentFactory.create()
    events = []
    for each in after:
        with at(MONDAY + each):
            events.append(record("environment.changed", by=None, environment=place, changes="tier"))
    return events


def picture(client: Client, query: str = "") -> Picture:
    drawn: Picture = client.get(f"/audit/?action=environment.changed{query}").context["picture"]
    return drawn


@pytest.mark.parametrize(
    ("span", "width"),
    [
        (timedelta(minutes=20), timedelta(minutes=1)),
        (timedelta(hours=5), timedelta(minutes=10)),
        (timedelta(hours=20), timedelta(hours=1)),
        (timedelta(days=3), timedelta(hours=6)),
        (timedelta(days=20), timedelta(days=1)),
        (timedelta(days=100), timedelta(days=7)),
        (timedelta(days=9_000), timedelta(days=364)),
    ],
)
def test_a_bar_stands_for_as_much_time_as_the_range_asks_for(
    span: timedelta, width: timedelta, viewer: User
) -> None:
    happened(timedelta(), span)
    found = activity(Search.of({}, viewer).found())
    assert found is not None
    assert (found.width, found.count) == (width, 2)
    assert len(found.bars) <= 31
    assert all(bar.ends - bar.begins == width for bar in found.bars)


def test_a_bar_leads_to_the_events_that_it_counts(browser: Client) -> None:
    events = happened(timedelta(), timedelta(hours=50), timedelta(minutes=3_010), timedelta(days=9))
    drawn = [bar for bar in picture(browser).drawn if bar.count]
    assert [bar.count for bar in drawn] == [1, 2, 1]
    assert drawn[1].words == "Wed 18 Nov 2026 00:00 to 12:00: 2 events"
    there = browser.get(f"/audit/{drawn[1].href}")
    assert there.context["page"].rows == [events[2], events[1]]
    assert parse_qs(drawn[1].href[1:])["action"] == ["environment.changed"]


def test_a_bar_never_leads_out_of_the_time_that_was_asked_for(browser: Client) -> None:
    minutes = (1, 7, 240, 246, 248)
    events = happened(*(timedelta(minutes=each) for each in minutes))
    drawn = picture(browser, "&from=2026-11-16T09:05&to=2026-11-16T13:07").drawn
    (first, last) = [bar for bar in drawn if bar.count]
    assert [first.count, last.count] == [1, 2]
    assert browser.get(f"/audit/{first.href}").context["page"].rows == [events[1]]
    assert browser.get(f"/audit/{last.href}").context["page"].rows == [events[3], events[2]]


def test_the_picture_goes_with_the_filter(browser: Client) -> None:
    happened(timedelta(), timedelta(days=1))
    assert picture(browser, "&from=2026-11-17").count == 1
    assert browser.get("/audit/?q=nothing").context["picture"] is None


def test_a_long_history_is_counted_from_its_end_and_says_so(
    rf: RequestFactory,
    viewer: User,
) -> None:
    happened(timedelta(), timedelta(days=1), timedelta(days=2))
    search = Search.of({}, viewer)
    found = activity(Found(search.events(), countable=2))
    assert found is not None and found.is_cut
    assert (found.count, found.first) == (2, MONDAY + timedelta(days=1))
    drawn = picture_of(rf.get("/audit/?who=Sluice"), search, found)
    assert drawn is not None
    assert parse_qs(drawn.earlier[1:]) == {"who": ["Sluice"], "to": ["2026-11-17T09:00"]}


def test_every_bar_says_in_words_what_it_shows(browser: Client) -> None:
    happened(timedelta(), timedelta(days=8))
    page = browser.get("/audit/?action=environment.changed").content.decode()
    assert 'aria-label="Mon 16 Nov 2026' in page
    assert "1 event" in page
    assert "style=" not in page.split('<svg class="activity-bars"')[1].split("</svg>")[0]
