"""Rolling back where one person is not enough: a second one agrees, or it is withdrawn."""

from __future__ import annotations

import pytest

from accounts.models import Role, User
from releases.actions import move_alias as moving
from releases.actions.change_function import change_function
from releases.actions.change_policy import change_policy
from releases.actions.resume import resume
from releases.actions.roll_back import (
    second_rollback,
    withdraw_rollback,
)
from releases.errors import InvalidInput, NotAllowed, StaleRelease
from releases.holds import hold_on
from releases.models import AuditEvent, Function, Rollback, RollbackState
from releases.rules import Rules
from sandbox.aws import Fault
from tests.rollbacks import back, released_twice, three_published
from tests.world import HERE, World


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


def test_who_may_not_withdraw_it_is_in_the_history_without_a_reason_too(world: World) -> None:
    three_published(world)
    waiting = back(world, to=1)
    with pytest.raises(NotAllowed, match="Only release managers"):
        withdraw_rollback(waiting, reason="", by=world.people["developer"], origin=HERE)
    assert AuditEvent.objects.filter(action="rollback.refused", actor_name="developer").exists()


def test_a_second_person_who_agrees_too_late_is_told(world: World) -> None:
    three_published(world)
    waiting = back(world, to=1)
    Function.objects.filter(pk=world.function.pk).update(live_version=2)
    with pytest.raises(StaleRelease, match="asked while v3 was live, and v2 is live now"):
        second_rollback(waiting, by=world.people["second-manager"], origin=HERE)
    with pytest.raises(NotAllowed, match="Only release managers"):
        second_rollback(waiting, by=world.people["developer"], origin=HERE)


def test_a_mere_request_stops_no_rollback_that_moves(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "PAUSES", (0.0,))
    three_published(world)
    going = second_rollback_that_hangs(world)
    with pytest.raises(StaleRelease, match="is rolling checkout back to v2 at this moment"):
        back(world, to=1)
    going.refresh_from_db()
    assert going.state == RollbackState.MOVING


def second_rollback_that_hangs(world: World) -> Rollback:
    world.aws.faults.add(Fault("UpdateAlias", "error", times=1000, status=503))
    waiting = back(world, to=2)
    return second_rollback(waiting, by=world.people["second-manager"], origin=HERE)


def test_one_that_waited_long_for_a_second_person_is_not_given_up_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "PAUSES", (0.0,))
    three_published(world)
    going = second_rollback_that_hangs(world)
    long_ago = "2020-01-01T00:00:00Z"
    Rollback.objects.filter(pk=going.pk).update(requested_at=long_ago, tried_at=long_ago)
    assert moving.take_up() == [going.pk]


def test_nobody_resumes_under_a_rollback_that_moves(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "PAUSES", (0.0,))
    three_published(world)
    going = second_rollback_that_hangs(world)
    assert going.hold is not None
    with pytest.raises(NotAllowed, match="being rolled back at this moment"):
        resume(world.function, reason="x", seen=going.hold.pk, by=world.people["manager"],
               origin=HERE)  # fmt: skip


def test_whoever_asked_has_to_be_a_release_manager_still(world: World) -> None:
    three_published(world)
    waiting = back(world, to=1)
    User.objects.filter(username="manager").update(role=Role.DEVELOPER)
    with pytest.raises(NotAllowed, match="who asked for it, is no release manager any more"):
        second_rollback(waiting, by=world.people["second-manager"], origin=HERE)


def test_the_live_alias_stays_the_one_that_is_rolled_back(world: World) -> None:
    three_published(world)
    back(world, to=1)
    with pytest.raises(InvalidInput, match="is being rolled back to v1"):
        change_function(world.function, gate="review_first", live_alias="other",
                        creates_alias=True, by=world.people["admin"], origin=HERE)  # fmt: skip
