"""The queue of a function, on its page, on the releases' pages and in the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.models import Function, Hold, Release
from releases.states import ReleaseState
from releases.views.queue import ordinal
from tests.factories import FunctionFactory, ReleaseFactory
from tests.views.scenes import a_release, post, state_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
QUERIES_OF_THE_LIST = 7


@pytest.fixture
def browser(client_for: ClientFor, manager: User) -> Client:
    return client_for(manager)


@pytest.fixture
def function() -> Function:
    return FunctionFactory.create(name="checkout")


@pytest.fixture
def queue(function: Function) -> list[Release]:
    """One that waits for approval, and two behind it."""
    states = [ReleaseState.AWAITING_APPROVAL, ReleaseState.QUEUED, ReleaseState.QUEUED]
    return [a_release(state, function=function) for state in states]


def text_of(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (21, "21st"), (112, "112th")],
)
def test_places_are_counted_as_people_say_them(number: int, said: str) -> None:
    assert ordinal(number) == said


def test_a_waiting_release_says_its_place(browser: Client, queue: list[Release]) -> None:
    flying, first, second = queue
    text = text_of(browser, f"/releases/{first.pk}/")
    assert f"1st in the queue of checkout, behind {flying.reference}" in text
    text = text_of(browser, f"/releases/{second.pk}/")
    assert f"2nd in the queue of checkout, behind {first.reference}" in text


def test_of_a_long_queue_the_function_shows_the_beginning_and_how_many_more(
    browser: Client, function: Function
) -> None:
    ReleaseFactory.create_batch(53, state=ReleaseState.QUEUED, function=function)
    page = browser.get(f"/functions/{function.pk}/_releases/")
    assert [each.position for each in page.context["queue"]] == list(range(1, 51))
    assert "and 3 more" in page.content.decode()


def test_of_a_long_queue_resuming_shows_some_and_how_many_more(
    browser: Client, function: Function, manager: User
) -> None:
    Hold.objects.create(function=function, reason="Sale", placed_by=manager)
    ReleaseFactory.create_batch(53, state=ReleaseState.QUEUED, function=function)
    page = browser.get(f"/functions/{function.pk}/resume/")
    assert len(page.context["others"]) == 50
    assert "and 3 more" in page.content.decode()


def test_in_a_long_queue_the_last_one_knows_its_place(browser: Client, function: Function) -> None:
    *_, before, last = ReleaseFactory.create_batch(60, state=ReleaseState.QUEUED, function=function)
    page = browser.get(f"/releases/{last.pk}/")
    assert f"60th in the queue of checkout, behind {before.reference}" in page.content.decode()
    older = [each.release for each in page.context["page"].supersedable]
    assert len(older) == 51 and before in older


def test_what_blocks_a_long_queue_names_some_of_it(browser: Client, function: Function) -> None:
    failed = a_release(ReleaseState.FAILED, function=function)
    queued = ReleaseFactory.create_batch(60, state=ReleaseState.QUEUED, function=function)
    text = text_of(browser, f"/releases/{failed.pk}/")
    assert f"/releases/{queued[49].pk}/" in text and f"/releases/{queued[50].pk}/" not in text
    assert "and others" in text


def test_the_list_says_it_too_in_as_many_queries(
    browser: Client, queue: list[Release], django_assert_num_queries: Any
) -> None:
    text_of(browser, "/releases/")
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        text = text_of(browser, "/releases/")
    assert f"2nd in the queue of checkout, behind {queue[1].reference}" in text
    for _ in range(5):
        a_release(ReleaseState.QUEUED, function=queue[0].function)
    with django_assert_num_queries(QUERIES_OF_THE_LIST):
        text_of(browser, "/releases/")


def test_the_function_lists_its_queue_in_order(
    browser: Client, function: Function, queue: list[Release]
) -> None:
    Release.objects.filter(pk=queue[2].pk).update(queue_place=queue[0].pk)
    text = text_of(browser, f"/functions/{function.pk}/")
    listed = text.split('class="queue-list"')[1].split("</ol>")[0]
    places = [listed.index(each.reference) for each in (queue[0], queue[2], queue[1])]
    assert places == sorted(places)


def test_without_a_queue_nothing_is_listed(browser: Client, function: Function) -> None:
    a_release(function=function)
    assert "queue-list" not in text_of(browser, f"/functions/{function.pk}/")


def test_a_newer_one_takes_the_place_after_asking(browser: Client, queue: list[Release]) -> None:
    flying, _, newer = queue
    text = text_of(browser, f"/releases/{newer.pk}/")
    assert 'data-dialog="supersede-dialog"' in text and "superseded by" in text
    answer = post(
        browser, newer, "supersede", older=str(flying.pk), **{f"seen_{flying.pk}": flying.state}
    )
    assert answer.status_code == 302
    assert state_of(flying) == ReleaseState.WITHDRAWING


def test_an_older_one_that_moved_meanwhile_is_news(browser: Client, queue: list[Release]) -> None:
    flying, _, newer = queue
    seen = {f"seen_{flying.pk}": "awaiting_approval"}
    Release.objects.filter(pk=flying.pk).update(state=ReleaseState.APPROVED)
    answer = post(browser, newer, "supersede", older=str(flying.pk), **seen)
    assert answer.status_code == 409 and "it is approved now" in answer.content.decode()
    assert state_of(flying) == ReleaseState.APPROVED


def test_another_developer_sees_why_not(
    client_for: ClientFor, second_developer: User, queue: list[Release]
) -> None:
    browser = client_for(second_developer)
    text = text_of(browser, f"/releases/{queue[2].pk}/")
    assert 'id="supersede-dialog"' not in text
    assert "Take its place" in text and "or its requester cancel it" in text
    older = {"older": str(queue[1].pk), f"seen_{queue[1].pk}": "queued"}
    assert post(browser, queue[2], "supersede", **older).status_code == 403


def test_a_scheduled_release_says_from_when_on(browser: Client) -> None:
    when = timezone.now() + timedelta(hours=3)
    release = a_release(ReleaseState.APPROVED, not_before=when)
    text = text_of(browser, f"/releases/{release.pk}/")
    assert f"{when:%Y-%m-%d %H:%M} UTC" in text
    assert "It is approved and goes out by itself" in text and "data-countdown=" in text


def test_the_time_is_changed_on_the_page(browser: Client) -> None:
    release = a_release()
    when = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    typed = {"not_before_local": "2026-01-01T00:00", "not_before": when.isoformat()}
    assert post(browser, release, "reschedule", **typed).status_code == 302
    assert Release.objects.get().not_before == when
    shown = {"seen_not_before": when.isoformat(), "not_before_local": ""}
    assert post(browser, release, "reschedule", **shown).status_code == 302
    assert Release.objects.get().not_before is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("2020-01-01T00:00", "This time is past"),
        ("soon", "Enter a date"),
        ("2026-13-01T00:00", "Enter a"),
    ],
)
def test_what_is_no_time_to_come_is_refused(browser: Client, typed: str, says: str) -> None:
    answer = post(browser, a_release(), "reschedule", not_before_local=typed)
    assert answer.status_code == 422 and says in answer.content.decode()


def test_the_form_asks_for_a_time(browser: Client, function: Function) -> None:
    text = text_of(browser, f"/releases/new/?function={function.pk}")
    assert 'type="datetime-local"' in text and "In UTC." in text
    sent = {"function": function.pk, "source": "latest", "not_before_local": "2020-01-01T00:00"}
    answer = browser.post("/releases/new/", sent)
    assert answer.status_code == 422 and "This time is past" in answer.content.decode()
    when = timezone.now() + timedelta(days=2)
    sent["not_before_local"] = f"{when:%Y-%m-%dT%H:%M}"
    assert browser.post("/releases/new/", sent).status_code == 302
    made = Release.objects.get()
    assert made.not_before and f"{made.not_before:%Y-%m-%dT%H:%M}" == sent["not_before_local"]
