"""Who moved a function outside Sluice is looked for until CloudTrail tells."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import boto3
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from releases.models import AuditEvent, AwsCall, CallStatus, Trace
from releases.models.traces import TraceEnd
from releases.pipeline.poll import poll
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault, Timing
from tests.pipeline.ways import added, at_the_gate
from tests.world import REGION, World

DENIED: dict[str, Any] = {"code": "AccessDeniedException", "status": 400, "times": 99}


def theirs(world: World, user: str = "alice") -> Any:
    """boto3, as a user with a name."""
    return _client_of(user, world.aws.url)


@cache
def _client_of(user: str, url: str) -> Any:
    keys = {"aws_access_key_id": user, "aws_secret_access_key": "x"}
    return boto3.client("lambda", REGION, endpoint_url=url, **keys)  # type: ignore[call-overload]


def change(world: World, user: str = "alice") -> None:
    theirs(world, user).update_function_configuration(FunctionName=world.name, MemorySize=512)


def said(action: str) -> list[str]:
    found = AuditEvent.objects.filter(action=action).order_by("pk")
    return list(found.values_list("sentence", flat=True))


def later(minutes: int) -> None:
    """As if the look had begun that long ago."""
    past = timezone.now() - timedelta(minutes=minutes)
    Trace.objects.update(noticed_at=past, asked_at=past)


def test_drift_is_told_with_who_made_it(world: World) -> None:
    added(world)
    change(world)
    poll(world.function.pk)
    [sentence] = said("function.traced")
    assert sentence.startswith(
        "CloudTrail tells who changed checkout outside Sluice:"
        " alice called UpdateFunctionConfiguration at "
    )
    [found] = Trace.objects.get().found
    assert found["arn"] == "arn:aws:iam::123456789012:user/alice"
    poll(world.function.pk)
    assert len(said("function.traced")) == 1


def test_a_conflict_at_the_gate_is_told_with_who_made_it(world: World) -> None:
    release = at_the_gate(world)
    change(world)
    poll(world.function.pk)
    release.refresh_from_db()
    assert release.state == ReleaseState.CONFLICT
    trace = Trace.objects.get()
    assert (trace.release, trace.end) == (release, TraceEnd.FOUND)


def test_a_conflict_that_a_step_met_is_looked_into_by_the_next_poll(world: World) -> None:
    release = at_the_gate(world)
    world.approve(release)
    change(world)
    release = world.advance(release)
    assert (release.state, said("function.traced")) == (ReleaseState.CONFLICT, [])
    poll(world.function.pk)
    assert "alice" in said("function.traced")[0]


def test_a_change_long_before_the_step_that_met_it_is_told_as_well(world: World) -> None:
    release = at_the_gate(world)
    world.approve(release)
    change(world)
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        assert world.advance(release).state == ReleaseState.CONFLICT
        poll(world.function.pk)
    assert "alice" in said("function.traced")[0]


def test_what_sluice_did_itself_is_nobodys_change(world: World) -> None:
    """Staged by Sluice a moment before somebody else touched it."""
    release = at_the_gate(world, gate=Gate.STAGE_FIRST)
    assert AwsCall.objects.filter(is_write=True, status=CallStatus.OK).exists()
    change(world)
    poll(world.function.pk)
    release.refresh_from_db()
    assert release.state == ReleaseState.CONFLICT
    assert [each["operation"] for each in Trace.objects.get().found] == [
        "UpdateFunctionConfiguration"
    ]


def test_a_call_of_sluices_whose_answer_was_lost_is_its_own(world: World) -> None:
    release = at_the_gate(world, gate=Gate.STAGE_FIRST)
    AwsCall.objects.filter(is_write=True).update(status=CallStatus.UNKNOWN, request_id="")
    change(world)
    poll(world.function.pk)
    assert release.pk
    assert {each["who"] for each in Trace.objects.get().found} == {"alice"}


def test_what_cloudtrail_does_not_tell_yet_is_asked_for_again(world: World) -> None:
    added(world)
    world.aws.timing = Timing(in_progress=0, trail=900)
    change(world)
    poll(world.function.pk)
    assert (said("function.traced"), Trace.objects.get().end) == ([], "")
    world.aws.timing = Timing(in_progress=0)
    poll(world.function.pk)
    assert said("function.traced") == []
    later(minutes=2)
    poll(world.function.pk)
    assert len(said("function.traced")) == 1


def test_after_twenty_minutes_nobody_is_looked_for(world: World) -> None:
    added(world)
    world.aws.timing = Timing(in_progress=0, trail=9000)
    change(world)
    poll(world.function.pk)
    later(minutes=21)
    poll(world.function.pk)
    assert said("function.untraced") == [
        "Who changed checkout outside Sluice is not known: CloudTrail tells of nobody"
    ]


def test_where_cloudtrail_may_not_be_read_it_is_said_once(world: World) -> None:
    added(world)
    world.aws.faults.add(Fault("LookupEvents", "error", **DENIED))
    change(world)
    for _ in range(2):
        poll(world.function.pk)
        later(minutes=2)
    assert said("function.untraced") == [
        "Who changed checkout outside Sluice is not known: CloudTrail may not be read"
    ]


@pytest.mark.parametrize("action", ["error", "drop"])
def test_a_look_up_that_fails_fails_no_poll(world: World, action: Any) -> None:
    added(world)
    status = 500 if action == "error" else 0
    world.aws.faults.add(Fault("LookupEvents", action, times=9, status=status))
    change(world)
    poll(world.function.pk)
    assert len(said("function.drifted")) == 1
    assert (said("function.untraced"), Trace.objects.get().end) == ([], "")


def test_nobody_is_looked_for_while_nothing_moves(world: World) -> None:
    added(world)
    poll(world.function.pk)
    calls = world.aws.calls.find(operation="LookupEvents")
    assert (calls, Trace.objects.count()) == ([], 0)


def test_a_second_change_is_looked_for_with_the_first(world: World) -> None:
    added(world)
    world.aws.timing = Timing(in_progress=0, trail=900)
    change(world)
    poll(world.function.pk)
    theirs(world, "bob").update_function_configuration(FunctionName=world.name, Timeout=9)
    poll(world.function.pk)
    world.aws.timing = Timing(in_progress=0)
    later(minutes=2)
    poll(world.function.pk)
    assert {each["who"] for each in Trace.objects.get().found} == {"alice", "bob"}


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        (None, "<b>alice</b> called UpdateFunctionConfiguration"),
        (DENIED, "may not read CloudTrail"),
    ],
)
def test_the_page_of_a_conflict_says_who(
    world: World, client: Client, fault: dict[str, Any] | None, shown: str
) -> None:
    release = at_the_gate(world)
    if fault:
        world.aws.faults.add(Fault("LookupEvents", "error", **fault))
    change(world)
    poll(world.function.pk)
    client.force_login(world.people["manager"])
    page = client.get(reverse("releases:release", args=[release.pk])).content.decode()
    assert shown in page


def test_the_page_says_that_it_is_being_asked(world: World, client: Client) -> None:
    world.aws.timing = Timing(in_progress=0, trail=900)
    release = at_the_gate(world)
    change(world)
    poll(world.function.pk)
    client.force_login(world.people["manager"])
    page = client.get(reverse("releases:release", args=[release.pk])).content.decode()
    assert "CloudTrail is being asked who it was" in page
