"""Ignoring drift: with a reason, and only what moves afterwards is drift again."""

from __future__ import annotations

import pytest

from releases.actions.ignore_drift import ignore_drift
from releases.actions.roll_back import second_rollback
from releases.errors import InvalidInput, NotAllowed, StaleDrift
from releases.models import Drift
from releases.states import ReleaseState
from tests.actions.drifts import (
    change_code,
    change_environment,
    change_memory,
    drifted,
    found,
    ignored,
    look,
    said,
    through_the_gate,
)
from tests.rollbacks import back, three_published
from tests.world import HERE, World, package


def ignore(world: World, drift: Drift, *, by: str = "manager", reason: str = "Load test") -> None:
    ignore_drift(drift, by=world.people[by], origin=HERE, seen=drift.revision, reason=reason)


@pytest.fixture
def drift(world: World) -> Drift:
    return drifted(world, change_memory)


def test_it_is_closed_with_its_reason(world: World, drift: Drift) -> None:
    ignore(world, drift)
    assert (drift.state, drift.closed_by, drift.reason) == (
        "ignored",
        world.people["manager"],
        "Load test",
    )
    assert said("drift.ignored") == [
        "manager ignored how checkout was changed outside Sluice"
        " (MemorySize changed from 128 to 512): Load test"
    ]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_it_needs_a_reason_of_some_length(world: World, drift: Drift, reason: str) -> None:
    with pytest.raises(InvalidInput):
        ignore(world, drift, reason=reason)
    drift.refresh_from_db()
    assert drift.is_open


def test_only_release_managers_may(world: World, drift: Drift) -> None:
    with pytest.raises(NotAllowed, match="Only release managers ignore"):
        ignore(world, drift, by="developer")


def test_it_is_not_done_twice(world: World, drift: Drift) -> None:
    ignore(world, drift)
    with pytest.raises(StaleDrift, match="decided in the meantime: ignored by manager"):
        ignore(world, drift)
    assert len(said("drift.ignored")) == 1


def test_it_does_not_come_back_by_itself(world: World, drift: Drift) -> None:
    ignore(world, drift)
    memory = world.latest()["MemorySize"]
    change_memory(world, memory)
    look(world)
    assert not Drift.objects.open().exists()


def test_something_else_that_moves_is_drift_again(world: World, drift: Drift) -> None:
    ignore(world, drift)
    change_environment(world, TOKEN="planted-other", REGION="planted-region")
    again = found(world)
    assert again.is_open and again.pk != drift.pk
    assert again.what == ["the value of environment key TOKEN changed"]


def test_undone_in_aws_it_is_no_drift_either(world: World, drift: Drift) -> None:
    ignore(world, drift)
    change_memory(world, 128)
    look(world)
    assert not Drift.objects.open().exists()


def test_what_was_before_it_is_drift_once_something_else_was_released(world: World) -> None:
    ignored(world, change_code, alias="")
    release = through_the_gate(world, world.request(package("two")), "manager")
    assert release.state == ReleaseState.RELEASED
    change_code(world, "one")
    assert found(world).is_open
    assert len(said("function.drifted")) == 2


def test_a_moved_alias_is_drift_though_one_was_ignored_before_a_rollback(world: World) -> None:
    three_published(world)
    look(world)
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="1")
    ignore(world, found(world))
    second_rollback(back(world, to=2), by=world.people["second-manager"], origin=HERE)
    assert world.live() == "2"
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="3")
    again = found(world)
    assert again.is_open and again.what == ["the alias live moved from v2 to v3"]
