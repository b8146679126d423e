"""Roll back: the alias goes to a prior version at once, and the function stays there."""

from __future__ import annotations

from typing import Any

import pytest

from releases.actions import move_alias as moving
from releases.actions.change_policy import change_policy
from releases.actions.roll_back import (
    Seen,
    roll_back,
    second_rollback,
    seen_of,
    try_again,
    withdraw_rollback,
)
from releases.errors import InvalidInput, NotAllowed, StaleRelease
from releases.holds import hold_on
from releases.models import AuditEvent, AwsCall, Function, Rollback, RollbackState
from releases.pipeline import poll, rollbacks
from releases.pipeline.recover import recover
from releases.rules import Rules
from releases.states import ReleaseState
from sandbox.aws import Fault
from sandbox.aws.seed import SeedVersion
from tests.rollbacks import back, released_twice
from tests.world import HERE, World, package

ALWAYS = 1000


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "PAUSES", (0.0, 0.0, 0.0, 0.0))


def sentences(world: World) -> list[str]:
    events = AuditEvent.objects.filter(function_id=world.function.pk).order_by("pk")
    return list(events.values_list("sentence", flat=True))


def three_published(world: World) -> None:
    """Versions 1 to 3 in AWS before Sluice knew the function; only 3 was live."""
    code = [SeedVersion(code=package(text)) for text in ("one", "two", "three")]
    world.aws.reset()
    world.seed(versions=code, aliases={"live": "3"})
    world.add()


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
    assert hold.reason == "rolled back to v1: Cards are declined"
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


def test_its_calls_are_kept_and_so_is_its_story(world: World) -> None:
    released_twice(world)
    done = back(world)
    calls = AwsCall.objects.filter(rollback=done).values_list("operation", flat=True)
    assert list(calls) == ["GetAlias", "UpdateAlias", "GetAlias"]
    assert sentences(world)[-3:] == [
        "manager put checkout on hold: rolled back to v1: Checkout fails",
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
        back(world, by=person)
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


FAULTS = [
    pytest.param({"action": "error", "status": 429}, id="429"),
    pytest.param({"action": "error", "status": 500}, id="500"),
    pytest.param({"action": "error", "status": 503}, id="503"),
    pytest.param({"action": "drop"}, id="dropped before"),
    pytest.param({"action": "drop", "after": True}, id="dropped after it was applied"),
    pytest.param({"action": "error", "status": 500, "after": True}, id="500 although applied"),
]


@pytest.mark.parametrize("operation", ["GetAlias", "UpdateAlias"])
@pytest.mark.parametrize("fault", FAULTS)
def test_what_aws_leaves_unclear_is_looked_at_again(
    world: World, operation: str, fault: dict[str, Any]
) -> None:
    released_twice(world)
    world.aws.faults.add(Fault(operation, **fault))
    done = back(world)
    assert (done.state, world.live()) == (RollbackState.DONE, "1")


def test_somebody_who_moves_the_alias_meanwhile_is_overruled(world: World) -> None:
    released_twice(world)
    theirs = {
        "operation": "UpdateAlias",
        "parameters": {"FunctionName": "checkout", "Name": "live", "FunctionVersion": "2"},
    }
    world.aws.faults.add(Fault("UpdateAlias", "change", times=2, call=theirs))
    done = back(world)
    assert (done.state, world.live()) == (RollbackState.DONE, "1")


def test_an_aws_that_does_not_answer_leaves_the_intent_and_the_hold(world: World) -> None:
    released_twice(world)
    world.aws.faults.add(Fault("UpdateAlias", "error", times=ALWAYS, status=503))
    left = back(world)
    assert left.state == RollbackState.MOVING
    assert "503" in left.problem or "ServiceUnavailable" in left.problem
    assert hold_on(world.function) is not None


def test_what_was_broken_off_is_taken_up_again(world: World) -> None:
    released_twice(world)
    world.aws.faults.add(Fault("UpdateAlias", "error", times=ALWAYS, status=503))
    left = back(world)
    world.aws.faults.clear()
    assert moving.take_up() == []
    Rollback.objects.update(tried_at="2020-01-01T00:00:00Z")
    assert moving.take_up() == [left.pk]
    assert recover() == 1
    rollbacks.finish(left.pk)
    left.refresh_from_db()
    assert (left.state, world.live()) == (RollbackState.DONE, "1")
    rollbacks.finish(left.pk)
    assert AuditEvent.objects.filter(action="rollback.done").count() == 1


def test_a_person_may_try_again(world: World) -> None:
    released_twice(world)
    world.aws.faults.add(Fault("UpdateAlias", "error", times=ALWAYS, status=503))
    left = back(world)
    world.aws.faults.clear()
    done = try_again(left, by=world.people["second-manager"], origin=HERE)
    assert (done.state, world.live()) == (RollbackState.DONE, "1")
    with pytest.raises(NotAllowed, match="has ended"):
        try_again(done, by=world.people["manager"], origin=HERE)


def test_what_takes_for_ever_is_given_up(world: World) -> None:
    released_twice(world)
    world.aws.faults.add(Fault("UpdateAlias", "error", times=ALWAYS, status=503))
    left = back(world)
    Rollback.objects.update(requested_at="2020-01-01T00:00:00Z", tried_at="2020-01-01T00:00:00Z")
    assert moving.take_up() == []
    left.refresh_from_db()
    assert left.state == RollbackState.FAILED
    assert left.problem.startswith("given up after 15 minutes")


def test_a_refusal_of_aws_ends_it_with_its_advice(world: World) -> None:
    released_twice(world)
    world.aws.faults.add(
        Fault("UpdateAlias", "error", status=403, code="AccessDeniedException", message="no")
    )
    failed = back(world)
    assert (failed.state, world.live()) == (RollbackState.FAILED, "2")
    assert "AccessDeniedException" in failed.problem
    assert sentences(world)[-1].startswith("Rolling checkout back to v1 failed: ")


def test_a_version_that_is_gone_in_aws_fails_and_says_so(world: World) -> None:
    released_twice(world)
    world.client.delete_function(FunctionName="checkout", Qualifier="1")
    failed = back(world)
    assert failed.state == RollbackState.FAILED
    assert "Function not found" in failed.problem


def test_a_version_that_was_never_approved_needs_a_second_person(world: World) -> None:
    three_published(world)
    waiting = back(world, to=1)
    assert (waiting.state, world.live()) == (RollbackState.WAITING, "3")
    assert hold_on(world.function) is None
    done = second_rollback(waiting, by=world.people["second-manager"], origin=HERE)
    assert (done.state, world.live()) == (RollbackState.DONE, "1")
    assert done.seconded_by == world.people["second-manager"]


def test_a_policy_can_ask_for_a_second_person_always(world: World) -> None:
    released_twice(world)
    two = Rules(rollback=2)
    change_policy(world.function.environment, two, by=world.people["admin"], origin=HERE)
    waiting = back(world)
    assert (waiting.state, world.live()) == (RollbackState.WAITING, "2")
    said = AuditEvent.objects.get(action="rollback.requested").sentence
    assert said.endswith("(The policy of checkout asks for two release managers to roll back.)")
    second_rollback(waiting, by=world.people["second-manager"], origin=HERE)
    assert world.live() == "1"


@pytest.mark.parametrize(
    ("person", "because"),
    [("manager", "somebody else has to agree"), ("developer", "Only release managers")],
)
def test_who_may_not_second_it(world: World, person: str, because: str) -> None:
    three_published(world)
    waiting = back(world, to=1)
    with pytest.raises(NotAllowed, match=because):
        second_rollback(waiting, by=world.people[person], origin=HERE)
    assert world.live() == "3"
    assert AuditEvent.objects.filter(action="rollback.refused", actor_name=person).exists()


def test_it_can_be_withdrawn_while_it_waits(world: World) -> None:
    three_published(world)
    waiting = back(world, to=1)
    withdraw_rollback(waiting, reason="Not needed", by=world.people["manager"], origin=HERE)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == (RollbackState.WITHDRAWN, "Not needed")
    with pytest.raises(NotAllowed, match="waits for nobody"):
        second_rollback(waiting, by=world.people["second-manager"], origin=HERE)


def test_a_second_person_who_agrees_too_late_is_told(world: World) -> None:
    three_published(world)
    waiting = back(world, to=1)
    Function.objects.filter(pk=world.function.pk).update(live_version=2)
    with pytest.raises(StaleRelease, match="it is v2 now"):
        second_rollback(waiting, by=world.people["second-manager"], origin=HERE)


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


def test_weights_that_aws_sets_itself_are_called_what_they_are(world: World) -> None:
    """Provisioned concurrency moves over for a while, in which callers run the old version."""
    released_twice(world)
    world.client.put_provisioned_concurrency_config(
        FunctionName="checkout", Qualifier="live", ProvisionedConcurrentExecutions=5
    )
    world.aws.timing.in_progress = 600.0
    moved = back(world)
    assert moved.state == RollbackState.MOVING
    assert "still sends 100% to v2" in moved.problem
    assert "provisioned concurrency moves over" in moved.problem
