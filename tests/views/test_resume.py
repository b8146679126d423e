"""Resume in the pages: it lists what would go out, and starts nothing by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.actions.transition import transition
from releases.holds import hold_on
from releases.models import Release
from releases.states import ReleaseState
from tests.kept import kept
from tests.rollbacks import at, back, released_twice
from tests.world import World, package

ClientFor = Callable[[User], Client]


@pytest.fixture
def waiting(world: World) -> Release:
    return rolled_back_and_fixed(world)


@pytest.fixture
def manager_client(world: World, client_for: ClientFor, waiting: Release) -> Client:
    return client_for(world.people["manager"])


@kept
def rolled_back_and_fixed(world: World) -> Release:
    """Rolled back, and the fix approved meanwhile."""
    released_twice(world)
    back(world)
    release = at(world, world.request(package("fix"), description="The fix"), state="approved")
    return world.advance(release)


def address(world: World) -> str:
    return f"/functions/{world.function.pk}/resume/"


def resume(client: Client, world: World, **typed: str) -> int:
    hold = hold_on(world.function)
    sent = {"reason": "The fix is ready", "seen": str(hold.pk if hold else 0)} | typed
    return client.post(address(world), sent).status_code


def test_it_lists_what_would_go_out(world: World, manager_client: Client, waiting: Release) -> None:
    page = manager_client.get(address(world)).content.decode()
    assert f"/releases/{waiting.pk}/" in page and "The fix, by developer" in page
    assert "Resuming starts nothing by itself." in page
    assert "has to be approved again" in page


def test_it_lists_what_is_half_way_out(
    world: World, manager_client: Client, waiting: Release
) -> None:
    transition(waiting, ReleaseState.STAGING, by=None)
    page = manager_client.get(address(world)).content.decode()
    assert f'name="lets_go" value="{waiting.pk}"' in page and "Staging" in page
    assert "what is half way out stops" in page
    assert "Still on its way through the gate" not in page


def test_it_starts_nothing_by_itself(
    world: World, manager_client: Client, waiting: Release
) -> None:
    assert resume(manager_client, world) == 302
    waiting.refresh_from_db()
    assert waiting.state == ReleaseState.AWAITING_APPROVAL
    assert (world.live(), hold_on(world.function)) == ("1", None)


def test_what_is_ticked_goes_out(world: World, manager_client: Client, waiting: Release) -> None:
    assert resume(manager_client, world, lets_go=str(waiting.pk)) == 302
    world.advance(waiting)
    assert (waiting.state, world.live()) == (ReleaseState.RELEASED, "3")


def test_a_reason_is_needed(world: World, manager_client: Client, waiting: Release) -> None:
    assert resume(manager_client, world, reason="") == 422
    assert hold_on(world.function) is not None


def test_a_click_for_another_hold_is_stale(
    world: World, manager_client: Client, waiting: Release
) -> None:
    assert resume(manager_client, world, seen="999999") == 409
    assert hold_on(world.function) is not None


def test_a_second_click_is_news_and_no_lack_of_rights(
    world: World, manager_client: Client, waiting: Release
) -> None:
    resume(manager_client, world)
    answer = manager_client.post(address(world), {"reason": "Again", "seen": "1"})
    assert answer.status_code == 409
    assert "checkout is not on hold, so there is nothing to resume." in answer.content.decode()


@pytest.mark.parametrize("who", ["developer", "security", "admin"])
def test_only_release_managers_resume(
    world: World, manager_client: Client, client_for: ClientFor, waiting: Release, who: str
) -> None:
    assert resume(client_for(world.people[who]), world) == 403
    assert hold_on(world.function) is not None
