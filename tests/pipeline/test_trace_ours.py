"""What people did through Sluice is nobody else's, and the last change is the one that counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from releases.actions.hold import hold
from releases.actions.restore_drift import restore_drift
from releases.aws.types import TrailEvent
from releases.models import AwsCall, CallStatus, Drift, Rollback, Trace
from releases.pipeline.poll import poll
from releases.pipeline.trace import _nearest as nearest
from releases.states import ReleaseState
from sandbox.aws import Fault, Timing
from tests.actions.drifts import change_memory, found, seeded
from tests.aside import in_a_thread
from tests.kept import kept
from tests.pipeline.test_trace import change, later, theirs
from tests.pipeline.ways import added, at_the_gate
from tests.rollbacks import back, released_twice
from tests.world import HERE, World, package


@kept
def rolled_back(world: World) -> None:
    released_twice(world)
    back(world)


def test_the_last_change_gives_drift_its_author(world: World) -> None:
    added(world)
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
    rolled_back(world)
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
    # The change that was restored is told of, too; ours of the same kind is not.
    assert [each["operation"] for each in told] == ["UpdateFunctionCode", call.operation]
    assert told[0]["who"] == "alice"


def test_a_lost_call_stands_for_the_nearest_event_alone() -> None:
    """Others who do the same within seconds are named, whatever became of ours."""
    at = timezone.now().replace(microsecond=0)
    events = [_updated(at + timedelta(seconds=s), who) for s, who in ((40, "bob"), (1, "ours"))]
    other = replace(events[0], event_name="UpdateAlias", who="carol")
    assert nearest([*events, other], [("UpdateFunctionCode", at)]) == {1}
    two = [("UpdateFunctionCode", at), ("UpdateFunctionCode", at + timedelta(seconds=41))]
    assert nearest([*events, other], two) == {0, 1}
    assert nearest(events, [("UpdateFunctionCode", at - timedelta(seconds=91))]) == set()


def _updated(at: datetime, who: str) -> TrailEvent:
    return TrailEvent(at, "UpdateFunctionCode", who, "", f"id-{who}")


def test_who_did_the_same_a_moment_after_a_lost_call_is_named(world: World) -> None:
    rolled_back(world)
    lost = AwsCall.objects.filter(rollback=Rollback.objects.get(), is_write=True)
    assert lost.update(status=CallStatus.UNKNOWN, request_id="") == 1
    poll(world.function.pk)
    theirs(world, "bob").update_alias(FunctionName=world.name, Name="live", FunctionVersion="2")
    poll(world.function.pk)
    assert [each["who"] for each in Trace.objects.get().found] == ["bob"]


def test_a_call_with_its_request_id_stands_for_no_other(world: World) -> None:
    """AWS answered that it had failed, and had not: its own event is known by its id."""
    rolled_back(world)
    known = AwsCall.objects.filter(rollback=Rollback.objects.get(), is_write=True)
    assert known.update(status=CallStatus.UNKNOWN) == 1
    poll(world.function.pk)
    theirs(world, "bob").update_alias(FunctionName=world.name, Name="live", FunctionVersion="2")
    poll(world.function.pk)
    assert [each["who"] for each in Trace.objects.get().found] == ["bob"]


def test_what_turned_out_to_be_done_is_not_said_to_be_somebodys(world: World) -> None:
    rolled_back(world)
    lost = AwsCall.objects.filter(rollback=Rollback.objects.get(), is_write=True)
    assert lost.update(status=CallStatus.ADOPTED, request_id="") == 1
    change(world)
    poll(world.function.pk)
    assert {each["who"] for each in Trace.objects.get().found} == {"alice"}
