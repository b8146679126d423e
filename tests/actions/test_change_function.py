"""Change a function's settings: read from AWS first, and approvals under the old ones lapse."""

from typing import Any

import pytest

from releases.actions.change_function import change_function
from releases.errors import InvalidInput, NotAllowed
from releases.models import AuditEvent
from releases.states import Gate, ReleaseState
from tests.world import HERE, World, package


def change(world: World, *, by: str = "manager", **more: Any) -> None:
    function = world.function
    function.refresh_from_db()
    wanted: dict[str, Any] = {
        "gate": function.gate,
        "live_alias": function.live_alias,
        "creates_alias": function.creates_alias,
        "approvals_required": function.approvals_required,
    }
    change_function(function, **wanted | more, by=world.people[by], origin=HERE)


def test_more_approvals_lapse_those_given(world: World) -> None:
    world.add(approvals=2)
    release = world.advance(world.request(package("two")))
    world.approve(release)
    change(world, approvals_required=3)
    release.refresh_from_db()
    assert (release.round_number, release.state) == (2, ReleaseState.AWAITING_APPROVAL)
    assert AuditEvent.objects.get(action="release.approvals_lapsed").data["people"] == ["manager"]


def test_an_approved_release_goes_back_to_the_gate(world: World) -> None:
    world.add()
    release = world.advance(world.request(package("two")))
    world.approve(release)
    change(world, approvals_required=2)
    world.advance(release)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    assert world.versions() == ["1"]


def test_the_gate_stays_while_a_release_is_in_flight(world: World) -> None:
    world.add()
    release = world.advance(world.request(package("two")))
    with pytest.raises(InvalidInput, match=f"{release.reference} is in flight"):
        change(world, gate=Gate.STAGE_FIRST)


def test_before_and_after_are_in_the_history(world: World) -> None:
    world.add()
    change(world, approvals_required=2)
    event = AuditEvent.objects.get(action="function.changed")
    assert (event.data["before"], event.data["after"]) == (
        {"approvals_required": 1},
        {"approvals_required": 2},
    )


def test_no_change_says_nothing(world: World) -> None:
    world.add()
    change(world)
    assert not AuditEvent.objects.filter(action="function.changed").exists()


def test_a_developer_may_not(world: World) -> None:
    world.add()
    with pytest.raises(NotAllowed):
        change(world, by="developer", approvals_required=2)
