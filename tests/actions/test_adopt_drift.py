"""Adopting drift: a release like any other, with one approval more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from releases.actions.adopt_drift import adopt_drift
from releases.actions.cancel import cancel
from releases.actions.drift import takes_drift_in
from releases.actions.gate import NOBODYS, OVERRIDDEN
from releases.errors import NotAllowed, StaleDrift
from releases.models import Artifact, Drift, Release
from releases.states import ReleaseState
from tests.actions.drifts import (
    change_code,
    change_memory,
    drifted,
    found,
    ignored,
    look,
    said,
    seeded,
    through_the_gate,
)
from tests.world import HERE, World, package


def adopt(world: World, drift: Drift, *, by: str = "developer", seen: int | None = None) -> Release:
    revision = drift.revision if seen is None else seen
    return adopt_drift(drift, by=world.people[by], origin=HERE, seen=revision)


def test_it_is_released_with_one_approval_more(world: World) -> None:
    drift = drifted(world, change_code)
    release = through_the_gate(world, adopt(world, drift), "manager")
    assert release.state == ReleaseState.AWAITING_APPROVAL
    assert release.current_round and release.current_round.rules.managers == 2
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED
    drift.refresh_from_db()
    assert (drift.state, drift.closed_by) == ("adopted", world.people["developer"])
    assert drift.reason == f"released with {release.reference}"
    assert world.live() == "2"


def test_whoever_adopts_is_an_author(world: World) -> None:
    drift = drifted(world, change_memory)
    release = world.advance(adopt(world, drift, by="manager"))
    with pytest.raises(NotAllowed, match="so your approval does not count"):
        world.approve(release, by="manager")


def test_it_is_open_again_when_its_release_is_cancelled(world: World) -> None:
    drift = drifted(world, change_memory)
    release = world.advance(adopt(world, drift))
    with pytest.raises(NotAllowed, match="is on its way with it"):
        adopt(world, drift)
    cancel(release, by=world.people["developer"], origin=HERE)
    world.advance(release)
    drift.refresh_from_db()
    assert drift.is_open and drift.way_under_way is None
    assert adopt(world, drift).pk != release.pk


def test_the_history_says_who_adopted_what(world: World) -> None:
    drift = drifted(world, change_memory)
    release = adopt(world, drift)
    assert said("drift.adopting") == [
        f"developer chose to adopt into {release.reference} how checkout was changed outside"
        " Sluice: MemorySize changed from 128 to 512"
    ]


def test_a_stale_click_does_nothing(world: World) -> None:
    drift = drifted(world, change_memory)
    change_memory(world, 1024)
    look(world)
    with pytest.raises(StaleDrift, match="from 128 to 1024"):
        adopt(world, drift)
    assert not Release.objects.exists()


@pytest.mark.parametrize("who", ["security", "admin"])
def test_others_may_not(world: World, who: str) -> None:
    drift = drifted(world, change_memory)
    with pytest.raises(NotAllowed, match="Only developers and release managers adopt"):
        adopt(world, drift, by=who)
    assert len(said("drift.refused")) == 1


def test_a_moved_alias_alone_is_nothing_to_release(world: World) -> None:
    drifted(world, change_memory)
    world.client.publish_version(FunctionName=world.name)
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="2")
    change_memory(world, 128)
    drift = found(world)
    assert drift.kinds == ["alias"]
    with pytest.raises(NotAllowed, match="Only the alias moved"):
        adopt(world, drift)


def test_a_release_in_flight_has_to_end_first(world: World) -> None:
    drift = drifted(world, change_memory)
    release = world.advance(world.request(None))
    with pytest.raises(NotAllowed, match=f"{release.reference} is in flight"):
        adopt(world, drift)


def test_a_package_of_ones_own_reviews_a_setting_that_drifted(world: World) -> None:
    """Its page shows the setting that moved, so whoever approves it approves that."""
    drift = drifted(world, change_memory)
    release = through_the_gate(world, world.request(package("two")), "manager")
    assert release.state == ReleaseState.RELEASED
    drift.refresh_from_db()
    assert (drift.state, drift.closed_by) == ("adopted", None)


@pytest.mark.parametrize("change", [change_code, change_memory])
@pytest.mark.parametrize("let_be", [False, True], ids=["open", "ignored"])
def test_released_as_it_stands_it_needs_one_approval_more_too(
    world: World, change: Callable[[World], None], let_be: bool
) -> None:
    """Whoever edited in the console does not get by with one approval, their own."""
    (ignored if let_be else drifted)(world, change)
    release = through_the_gate(world, world.request(None), "manager")
    assert (release.state, release.took_drift_in) == (ReleaseState.AWAITING_APPROVAL, True)
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED
    # Where its bytes go on to, they are still nobody's.
    there = Release(function=release.function, artifact=Artifact(), promoted_from=release)
    assert takes_drift_in(there)


def test_the_gate_says_why_it_asks_for_more(world: World, client: Client) -> None:
    drift = drifted(world, change_memory)
    client.force_login(world.people["manager"])

    def shown(release: Release) -> str:
        return client.get(f"/releases/{release.pk}/").content.decode()

    as_it_stands = world.advance(world.request(None))
    assert NOBODYS in shown(as_it_stands) and OVERRIDDEN not in shown(as_it_stands)
    cancel(as_it_stands, by=world.people["developer"], origin=HERE)
    world.advance(as_it_stands)
    adopted = through_the_gate(world, adopt(world, drift), "manager", "second-manager")
    assert adopted.state == ReleaseState.RELEASED
    assert NOBODYS in shown(adopted)
    ordinary = world.advance(world.request(package("two")))
    assert "data-why-more" not in shown(ordinary)
    policy = client.get(f"/functions/{world.function.pk}/policy/").content.decode()
    assert "One more is asked for where a release takes in" in policy


def test_seen_by_the_check_first_it_needs_one_approval_more(world: World) -> None:
    seeded(world)
    release = world.request(None)
    change_code(world)
    world.advance(release)
    assert release.current_round and release.current_round.rules.managers == 2


def test_what_was_ignored_and_is_gone_asks_for_nothing_more(world: World) -> None:
    ignored(world, change_memory, alias="")
    change_memory(world, 128)
    look(world)
    release = world.advance(world.request(None))
    assert release.current_round and release.current_round.rules.managers == 1


def test_what_was_released_with_one_more_is_reviewed(world: World) -> None:
    ignored(world, change_memory, alias="")
    first = through_the_gate(world, world.request(None), "manager", "second-manager")
    assert first.state == ReleaseState.RELEASED
    release = world.advance(world.request(None))
    assert release.current_round and release.current_round.rules.managers == 1


def test_code_that_a_release_replaced_is_gone(world: World) -> None:
    drift = drifted(world, change_code)
    release = through_the_gate(world, world.request(package("two")), "manager")
    assert release.state == ReleaseState.RELEASED
    drift.refresh_from_db()
    assert drift.state == "gone"
    assert drift.reason == f"{release.reference} was released in its place"
