"""The page of a rollback that waits for a second person: agreeing, or withdrawing it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.actions import move_alias as moving
from releases.holds import hold_on
from releases.models import Environment, Function, Rollback, RollbackState
from tests.rollbacks import released_twice, three_published
from tests.views.rolling import click
from tests.world import World

ClientFor = Callable[[User], Client]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "PAUSES", (0.0, 0.0))


@pytest.fixture
def manager_client(world: World, client_for: ClientFor) -> Client:
    return client_for(world.people["manager"])


def waits_for_second(world: World, client: Client) -> Rollback:
    three_published(world)
    assert click(client, world).status_code == 302
    return Rollback.objects.get()


def test_never_approved_here_needs_a_second_person(
    world: World, manager_client: Client, client_for: ClientFor
) -> None:
    waiting = waits_for_second(world, manager_client)
    assert (waiting.state, world.live()) == (RollbackState.WAITING, "3")
    own = manager_client.get(f"/rollbacks/{waiting.pk}/").content.decode()
    assert "You asked for this rollback, so somebody else has to agree." in own
    second = client_for(world.people["second-manager"])
    assert second.get("/").context["decision_count"] == 1
    answer = second.post(f"/rollbacks/{waiting.pk}/agree/", {"seen": "waiting"})
    assert (answer.status_code, world.live()) == (302, "1")


def test_the_dashboard_says_whose_wish_it_is_that_two_agree(
    world: World, manager_client: Client, client_for: ClientFor
) -> None:
    released_twice(world)
    Environment.objects.filter(pk=world.environment.pk).update(rollback_people=2)
    assert click(manager_client, world).status_code == 302
    page = client_for(world.people["second-manager"]).get("/").content.decode()
    assert "the policy asks for two release managers" in page
    assert "never approved here" not in page


def test_what_was_asked_for_while_another_version_was_live_is_nobodys_decision(
    world: World, manager_client: Client, client_for: ClientFor
) -> None:
    waiting = waits_for_second(world, manager_client)
    Function.objects.filter(pk=world.function.pk).update(live_version=2)
    second = client_for(world.people["second-manager"])
    assert second.get("/").context["decision_count"] == 0
    page = second.get(f"/rollbacks/{waiting.pk}/").content.decode()
    assert "manager asked while v3 was live, and v2 is live now. Withdraw it" in page
    answer = second.post(f"/rollbacks/{waiting.pk}/agree/", {"seen": "waiting"})
    assert (answer.status_code, world.live()) == (409, "3")


def test_nobody_agrees_to_their_own(world: World, manager_client: Client) -> None:
    waiting = waits_for_second(world, manager_client)
    answer = manager_client.post(f"/rollbacks/{waiting.pk}/agree/", {"seen": "waiting"})
    assert (answer.status_code, world.live()) == (403, "3")


def test_withdrawing_needs_its_reason_and_moves_nothing(
    world: World, manager_client: Client
) -> None:
    waiting = waits_for_second(world, manager_client)
    address = f"/rollbacks/{waiting.pk}/withdraw/"
    assert manager_client.post(address, {"reason": "", "seen": "waiting"}).status_code == 422
    sent = {"reason": "It was the network", "seen": "waiting"}
    assert manager_client.post(address, sent).status_code == 302
    page = manager_client.get(f"/rollbacks/{waiting.pk}/").content.decode()
    assert "It was withdrawn; nothing was moved" in page and "It was the network" in page
    assert (world.live(), hold_on(world.function)) == ("3", None)


def test_agreeing_to_what_was_withdrawn_is_news(
    world: World, manager_client: Client, client_for: ClientFor
) -> None:
    waiting = waits_for_second(world, manager_client)
    sent = {"reason": "It was the network", "seen": "waiting"}
    manager_client.post(f"/rollbacks/{waiting.pk}/withdraw/", sent)
    second = client_for(world.people["second-manager"])
    answer = second.post(f"/rollbacks/{waiting.pk}/agree/", {"seen": "waiting"})
    assert (answer.status_code, world.live()) == (409, "3")
