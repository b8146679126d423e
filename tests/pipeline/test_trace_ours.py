"""What people did through Sluice is nobody else's, and the last change is the one that counts."""

from __future__ import annotations

import pytest

from releases.actions.hold import hold
from releases.actions.restore_drift import restore_drift
from releases.models import AwsCall, CallStatus, Drift, Rollback, Trace
from releases.pipeline.poll import poll
from releases.states import ReleaseState
from sandbox.aws import Fault, Timing
from tests.actions.drifts import change_memory, found, seeded
from tests.pipeline.test_rolled_back import in_a_thread
from tests.pipeline.test_trace import at_the_gate, change, later, theirs
from tests.rollbacks import back, released_twice
from tests.world import HERE, World, package


def test_the_last_change_gives_drift_its_author(world: World) -> None:
    world.add()
    world.aws.timing = Timing(in_progress=0, trail=900)
    change(world, "alice")
    poll(world.function.pk)
    theirs(world, "bob").update_function_configuration(FunctionName=world.name, Timeout=9)
    poll(world.function.pk)
    world.aws.timing = Timing(in_progress=0)
    later(minutes=2)
    poll(world.function.pk)
    assert Drift.objects.get().who == "bob"


def test_a_rollback_whose_answer_was_lost_is_sluices_own(world: World) -> None:
    released_twice(world)
    back(world)
    lost = AwsCall.objects.filter(rollback=Rollback.objects.get(), is_write=True)
    assert lost.update(status=CallStatus.UNKNOWN, request_id="") > 0
    change(world)
    poll(world.function.pk)
    assert {each["who"] for each in Trace.objects.get().found} == {"alice"}


@pytest.mark.parametrize("approved", [False, True], ids=["a poll", "a step"])
def test_nobody_is_looked_for_after_a_rollback(world: World, approved: bool) -> None:
    released_twice(world)
    release = world.advance(world.request(package("three")))
    if approved:
        world.approve(release)
        fault = world.aws.faults.add(Fault("GetFunction", "hold"))
        worker = in_a_thread(release)
        assert world.aws.faults.wait_held(fault, 20)
        back(world)
        world.aws.faults.release(fault)
        worker.join(30)
    else:
        back(world)
        poll(world.function.pk)
    release.refresh_from_db()
    assert release.state == ReleaseState.CONFLICT
    assert not Trace.objects.exists()


def test_nobody_is_looked_for_after_a_hold(world: World) -> None:
    release = at_the_gate(world)
    world.approve(release)
    fault = world.aws.faults.add(Fault("PublishVersion", "hold"))
    worker = in_a_thread(release)
    assert world.aws.faults.wait_held(fault, 20)
    hold(world.function, reason="Sale", by=world.people["manager"], origin=HERE)
    world.aws.faults.release(fault)
    worker.join(30)
    release.refresh_from_db()
    assert (release.state, "on hold" in release.error_message) == (ReleaseState.CONFLICT, True)
    assert not Trace.objects.exists()


def test_a_restore_whose_answer_was_lost_is_sluices_own(world: World) -> None:
    seeded(world)
    change_memory(world)
    drift = found(world)
    Trace.objects.all().delete()
    world.aws.faults.add(Fault("UpdateFunctionConfiguration", "drop", after=True))
    restore_drift(drift, by=world.people["manager"], origin=HERE, seen=drift.revision)
    call = AwsCall.objects.get(operation="UpdateFunctionConfiguration")
    assert call.status == CallStatus.UNKNOWN
    theirs(world).update_function_code(FunctionName=world.name, ZipFile=package("theirs"))
    poll(world.function.pk)
    told = Trace.objects.get().found
    assert [(each["who"], each["operation"]) for each in told] == [("alice", "UpdateFunctionCode")]
