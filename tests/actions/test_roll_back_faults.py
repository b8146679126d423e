"""Rolling back while AWS is slow, unclear or against it: the truth is read back."""

from __future__ import annotations

from typing import Any

import pytest

from releases.actions import move_alias as moving
from releases.actions.roll_back import (
    try_again,
)
from releases.errors import NotAllowed
from releases.holds import hold_on
from releases.models import AuditEvent, Rollback, RollbackState
from releases.pipeline import rollbacks
from releases.pipeline.recover import recover
from sandbox.aws import Fault
from tests.rollbacks import back, released_twice, sentences
from tests.world import HERE, World

ALWAYS = 1000


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "PAUSES", (0.0, 0.0, 0.0, 0.0))


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
    Rollback.objects.update(began_at="2020-01-01T00:00:00Z", tried_at="2020-01-01T00:00:00Z")
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
