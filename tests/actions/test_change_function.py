"""Change a function's settings: read from AWS first, and kept with before and after."""

from typing import Any

import pytest

from releases.actions.change_function import change_function
from releases.errors import InvalidInput, NotAllowed
from releases.models import AuditEvent, Drift
from releases.pipeline.poll import poll
from releases.states import Gate
from tests.beginnings import added, at_the_gate
from tests.world import HERE, World, package


def change(world: World, *, by: str = "manager", **more: Any) -> None:
    function = world.function
    function.refresh_from_db()
    wanted: dict[str, Any] = {
        "gate": function.gate,
        "live_alias": function.live_alias,
        "creates_alias": function.creates_alias,
    }
    change_function(function, **wanted | more, by=world.people[by], origin=HERE)


def test_the_gate_stays_while_a_release_is_in_flight(world: World) -> None:
    release = at_the_gate(world)
    with pytest.raises(InvalidInput, match=f"{release.reference} is in flight"):
        change(world, by="admin", gate=Gate.STAGE_FIRST)


def test_before_and_after_are_in_the_history(world: World) -> None:
    added(world)
    change(world, creates_alias=True)
    event = AuditEvent.objects.get(action="function.changed")
    assert (event.before, event.after) == (
        {"creates_alias": False},
        {"creates_alias": True},
    )


def test_no_change_says_nothing(world: World) -> None:
    added(world)
    change(world)
    assert not AuditEvent.objects.filter(action="function.changed").exists()


def test_a_developer_may_not(world: World) -> None:
    added(world)
    with pytest.raises(NotAllowed):
        change(world, by="developer", creates_alias=True)


def test_whoever_requests_releases_does_not_let_code_out_before_review(world: World) -> None:
    """Stage first puts the requester's own code on `$LATEST` without anybody's approval."""
    added(world)
    with pytest.raises(NotAllowed, match="Only administrators let code onto"):
        change(world, gate=Gate.STAGE_FIRST)
    event = AuditEvent.objects.get(action="policy.refused")
    assert event.sentence.startswith("manager was not allowed to loosen the gate of checkout: ")
    world.function.refresh_from_db()
    assert world.function.gate == Gate.REVIEW_FIRST
    change(world, by="admin", gate=Gate.STAGE_FIRST)
    change(world, gate=Gate.REVIEW_FIRST)
    assert world.function.gate == Gate.REVIEW_FIRST


@pytest.mark.parametrize(
    "more", [{"live_alias": ""}, {"live_alias": "other", "creates_alias": True}]
)
def test_the_live_alias_stays_under_what_was_approved(world: World, more: dict[str, Any]) -> None:
    release = at_the_gate(world, approvals=2)
    world.approve(release)
    with pytest.raises(InvalidInput, match=f"{release.reference} is in flight"):
        change(world, **more)


def test_a_queued_release_with_no_approvals_follows_the_alias(world: World) -> None:
    added(world)
    release = world.request(package("two"))
    change(world, live_alias="other", creates_alias=True)
    world.advance(release)
    round_ = release.rounds.get()
    assert round_.parts["target_alias"] == "other"
    assert not round_.decisions.exists()


@pytest.mark.parametrize("more", [{"creates_alias": True}, {"live_alias": ""}])
def test_what_moved_since_the_last_look_is_drift(world: World, more: dict[str, Any]) -> None:
    """The settings are saved with a reading, which must not hide what was changed in AWS."""
    added(world)
    world.client.update_function_configuration(FunctionName=world.name, MemorySize=512)
    change(world, **more)
    drift = Drift.objects.get()
    assert (drift.is_open, drift.what) == (True, ["MemorySize changed from 128 to 512"])
    world.function.refresh_from_db()
    assert world.function.latest_configuration["MemorySize"] == 512
    poll(world.function.pk)
    assert AuditEvent.objects.filter(action="function.drifted").count() == 1
