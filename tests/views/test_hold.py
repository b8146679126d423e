"""Hold in the pages: put on with a reason, and seen wherever somebody waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.holds import hold_on
from releases.models import Function
from tests.beginnings import added
from tests.rollbacks import at, released_twice
from tests.world import World, package

ClientFor = Callable[[User], Client]


@pytest.fixture
def manager_client(world: World, client_for: ClientFor) -> Client:
    added(world)
    return client_for(world.people["manager"])


def hold(client: Client, world: World, **typed: str) -> int:
    sent = {"reason": "Month-end closing"} | typed
    return client.post(f"/functions/{world.function.pk}/hold/", sent).status_code


def page_of(client: Client, world: World) -> str:
    return client.get(f"/functions/{world.function.pk}/").content.decode()


def test_a_hold_needs_a_reason(world: World, manager_client: Client) -> None:
    assert hold(manager_client, world, reason=" ") == 422
    assert hold_on(world.function) is None


def test_the_function_page_says_since_when_by_whom_and_why(
    world: World, manager_client: Client
) -> None:
    assert hold(manager_client, world) == 302
    page = page_of(manager_client, world)
    assert "On hold at v1 since" in page and "by manager" in page
    assert "Month-end closing" in page
    assert f'href="/functions/{world.function.pk}/resume/"' in page


def test_it_may_end_by_itself(world: World, manager_client: Client) -> None:
    ends = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    typed = {"expires_at_local": "2026-01-01T00:00", "expires_at": ends.isoformat()}
    assert hold(manager_client, world, **typed) == 302
    standing = hold_on(world.function)
    assert standing and standing.expires_at == ends
    assert f'until <time datetime="{ends:%Y-%m-%dT%H:%M}' in page_of(manager_client, world)


@pytest.mark.parametrize(
    ("typed", "words"),
    [("2020-01-01T00:00", "This time is past"), ("soon", "Enter a date and a time")],
)
def test_a_time_that_cannot_be_is_said_and_the_reason_kept(
    world: World, manager_client: Client, typed: str, words: str
) -> None:
    sent = {"reason": "Audit <week>", "expires_at_local": typed}
    answer = manager_client.post(f"/functions/{world.function.pk}/hold/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page and "Audit &lt;week&gt;" in page


def test_a_second_hold_is_refused_with_the_first_ones_words(
    world: World, manager_client: Client
) -> None:
    hold(manager_client, world)
    answer = manager_client.post(f"/functions/{world.function.pk}/hold/", {"reason": "Mine"})
    assert answer.status_code == 409
    assert "manager put checkout on hold: Month-end closing" in answer.content.decode()


@pytest.mark.parametrize("who", ["developer", "security", "admin"])
def test_only_release_managers_hold(
    world: World, manager_client: Client, client_for: ClientFor, who: str
) -> None:
    assert hold(client_for(world.people[who]), world) == 403
    assert "Only release managers put a function on hold" in page_of(
        client_for(world.people[who]), world
    )


def test_the_dashboard_and_the_list_show_it(world: World, manager_client: Client) -> None:
    assert "On hold" not in manager_client.get("/").content.decode()
    hold(manager_client, world)
    board = manager_client.get("/").content.decode()
    assert "Rolled back and on hold" in board and "Month-end closing" in board
    assert "on hold" in manager_client.get("/functions/").content.decode()


def test_a_release_at_its_gate_says_that_nothing_goes_out(
    world: World, client_for: ClientFor
) -> None:
    released_twice(world)
    manager = client_for(world.people["manager"])
    hold(manager, world)
    release = at(world, world.request(package("three")), state="waiting")
    page = manager.get(f"/releases/{release.pk}/").content.decode()
    assert "checkout is on hold" in page and "Review and approve as ever" in page


def test_an_approved_release_says_for_whom_it_waits(world: World, client_for: ClientFor) -> None:
    released_twice(world)
    manager = client_for(world.people["manager"])
    hold(manager, world)
    release = at(world, world.request(package("three")), state="approved")
    world.advance(release)
    page = manager.get(f"/releases/{release.pk}/").content.decode()
    assert "Approved, and waits: checkout is on hold" in page
    assert "It waits for a release manager to resume checkout and let it go." in page
    assert "manager put it on hold" in page
    assert Function.objects.get().live_version == 2
