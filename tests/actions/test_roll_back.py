"""Roll back: the alias goes to a prior version at once, and the function stays there."""

from __future__ import annotations

import pytest

from releases.actions import move_alias as moving
from releases.actions.roll_back import (
    Seen,
    roll_back,
    seen_of,
)
from releases.errors import InvalidInput, NotAllowed, StaleRelease
from releases.holds import hold_on
from releases.models import AuditEvent, AwsCall, Function, Rollback, RollbackState
from releases.pipeline import poll
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.rollbacks import back, released_twice, sentences
from tests.world import HERE, World, package

ALWAYS = 1000


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "PAUSES", (0.0, 0.0, 0.0, 0.0))


def test_the_alias_points_at_the_prior_version(world: World) -> None:
    released_twice(world)
    done = back(world)
    assert (done.state, done.from_version, world.live()) == (RollbackState.DONE, 2, "1")
    world.function.refresh_from_db()
    assert (world.function.live_version, world.function.live_weights) == (1, {})


def test_it_is_then_on_hold_with_the_reason(world: World) -> None:
    released_twice(world)
    done = back(world, reason="Cards are declined")
    hold = hold_on(world.function)
    assert hold is not None and done.hold == hold
    assert hold.reason == "rollback to v1: Cards are declined"
    assert hold.expires_at is None


def test_weights_are_cleared(world: World) -> None:
    released_twice(world)
    weights = {"AdditionalVersionWeights": {"1": 0.25}}
    world.client.update_alias(
        FunctionName="checkout", Name="live", FunctionVersion="2", RoutingConfig=weights
    )
    poll.poll(world.function.pk)
    back(world)
    alias = world.client.get_alias(FunctionName="checkout", Name="live")
    assert (alias["FunctionVersion"], alias.get("RoutingConfig")) == ("1", None)


def test_a_canary_on_the_live_version_can_be_taken_off(world: World) -> None:
    released_twice(world)
    weights = {"AdditionalVersionWeights": {"1": 0.25}}
    world.client.update_alias(FunctionName="checkout", Name="live", RoutingConfig=weights)
    poll.poll(world.function.pk)
    assert back(world, to=2).state == RollbackState.DONE
    assert "RoutingConfig" not in world.client.get_alias(FunctionName="checkout", Name="live")


def test_what_moves_and_confirms_it_is_kept_and_so_is_its_story(world: World) -> None:
    released_twice(world)
    done = back(world)
    calls = AwsCall.objects.filter(rollback=done).values_list("operation", flat=True)
    assert list(calls) == ["UpdateAlias", "GetAlias"]
    assert sentences(world)[-3:] == [
        "manager put checkout on hold: rollback to v1: Checkout fails",
        "manager rolls checkout back from v2 to v1: Checkout fails",
        "live of checkout points at v1: rolled back by manager",
    ]


def test_it_is_no_drift(world: World) -> None:
    released_twice(world)
    back(world)
    poll.poll(world.function.pk)
    assert not AuditEvent.objects.filter(action="function.drifted").exists()


def test_undo_is_another_rollback_forward(world: World) -> None:
    released_twice(world)
    back(world)
    undone = back(world, to=2, reason="It was the network")
    assert (undone.state, world.live()) == (RollbackState.DONE, "2")
    assert hold_on(world.function) == undone.hold


@pytest.mark.parametrize("person", ["developer", "security", "admin"])
def test_only_release_managers_roll_back(world: World, person: str) -> None:
    released_twice(world)
    with pytest.raises(NotAllowed, match="Only release managers roll back"):
        back(world, by=person, reason="")
    assert world.live() == "2"
    assert AuditEvent.objects.filter(action="rollback.refused", actor_name=person).exists()


def test_a_reason_is_required(world: World) -> None:
    released_twice(world)
    with pytest.raises(InvalidInput) as problem:
        back(world, reason="  ")
    assert (problem.value.field, world.live()) == ("reason", "2")


def test_what_is_live_already_is_said(world: World) -> None:
    released_twice(world)
    with pytest.raises(NotAllowed, match="v2 is live already"):
        back(world, to=2)


def test_what_is_live_is_asked_of_aws_and_not_of_what_was_read_last(world: World) -> None:
    released_twice(world)
    world.client.update_alias(FunctionName="checkout", Name="live", FunctionVersion="1")
    world.aws.calls.clear()
    done = back(world, to=2)
    asked = [call.operation for call in world.aws.calls.find() if "Alias" in call.operation]
    assert (done.state, done.from_version, world.live()) == (RollbackState.DONE, 1, "2")
    # The last is what confirms it.
    assert asked == ["GetAlias", "UpdateAlias", "GetAlias"]
    assert "manager rolls checkout back from v1 to v2: Checkout fails" in sentences(world)


def test_what_it_leaves_is_what_aws_says_was_live(world: World) -> None:
    released_twice(world)
    world.client.update_function_configuration(FunctionName="checkout", MemorySize=512)
    world.client.publish_version(FunctionName="checkout")
    world.client.update_alias(FunctionName="checkout", Name="live", FunctionVersion="3")
    done = back(world)
    done.refresh_from_db()
    assert (done.from_version, world.live()) == (3, "1")


def test_an_aws_that_does_not_tell_what_is_live_stops_nobody(world: World) -> None:
    released_twice(world)
    world.aws.faults.add(Fault("GetAlias", "error", status=403, code="AccessDeniedException"))
    assert back(world, to=2).state == RollbackState.DONE


def test_a_version_that_nobody_knows_is_refused(world: World) -> None:
    released_twice(world)
    with pytest.raises(NotAllowed, match="There is no such version"):
        back(world, to=77)


def test_without_an_alias_there_is_nothing_to_move(world: World) -> None:
    world.alias = ""
    world.aws.reset()
    world.seed()
    world.add()
    with pytest.raises(NotAllowed, match="callers run"):
        back(world)


def test_a_stale_click_does_nothing(world: World) -> None:
    released_twice(world)
    seen = Seen(1, 0)
    with pytest.raises(StaleRelease, match="it is v2 now"):
        roll_back(world.function, to=1, reason="x", seen=seen, by=world.people["manager"],
                  origin=HERE)  # fmt: skip
    assert (world.live(), hold_on(world.function)) == ("2", None)


def test_of_two_managers_one_wins_and_the_other_is_told(world: World) -> None:
    released_twice(world)
    both_saw = seen_of(world.function)
    back(world, by="manager")
    with pytest.raises(StaleRelease, match="manager rolled checkout back to v1 meanwhile"):
        roll_back(world.function, to=1, reason="me too", seen=both_saw,
                  by=world.people["second-manager"], origin=HERE)  # fmt: skip
    assert Rollback.objects.count() == 1


def test_one_under_way_yields_to_a_newer_one(world: World) -> None:
    released_twice(world)
    world.aws.faults.add(Fault("UpdateAlias", "error", times=ALWAYS, status=500))
    first = back(world, to=1)
    assert first.state == RollbackState.MOVING
    world.aws.faults.clear()
    Function.objects.filter(pk=world.function.pk).update(live_weights={"1": 0.5})
    second = back(world, to=2, by="second-manager")
    first.refresh_from_db()
    assert (first.state, second.state) == (RollbackState.YIELDED, RollbackState.DONE)
    with pytest.raises(StaleRelease, match="second-manager rolled checkout back to v2 after you"):
        moving.move_alias(first)
    assert world.live() == "2"


@pytest.mark.parametrize("state", ["awaiting_approval", "approved"])
def test_a_release_at_its_gate_becomes_a_conflict(world: World, state: str) -> None:
    released_twice(world)
    release = world.advance(world.request(package("three")))
    if state == "approved":
        world.approve(release)
    back(world)
    poll.poll(world.function.pk)
    world.advance(release)
    assert release.state in (ReleaseState.CONFLICT, ReleaseState.APPROVED)
    assert (world.live(), world.versions()) == ("1", ["1", "2"])


def test_weights_that_somebody_keeps_setting_are_called_what_they_are(world: World) -> None:
    """On a version that was not live a moment ago they are no doing of AWS."""
    released_twice(world)
    world.client.update_function_configuration(FunctionName="checkout", MemorySize=512)
    world.client.publish_version(FunctionName="checkout")
    theirs = {
        "operation": "UpdateAlias",
        "parameters": {
            "FunctionName": "checkout",
            "Name": "live",
            "RoutingConfig": {"AdditionalVersionWeights": {"3": 0.5}},
        },
    }
    world.aws.faults.add(Fault("GetAlias", "change", times=ALWAYS, call=theirs))
    moved = back(world)
    assert moved.state == RollbackState.MOVING
    assert moved.problem == "somebody else keeps giving the alias weights: it sends 50% to v3"
