"""A busy AWS is waited out, within the budget for waiting and not a moment longer."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases.models import AuditEvent, Release
from releases.pipeline import observe, settle
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.pipeline.ways import approved
from tests.world import World

RUNNING = "The operation cannot be performed at this time. An update is in progress for resource"
BUSY = [
    pytest.param({"status": 429}, "TooManyRequestsException", id="429"),
    pytest.param(
        {"status": 409, "code": "ResourceConflictException", "message": RUNNING},
        "ResourceConflictException",
        id="409",
    ),
]
WRITES = ["UpdateFunctionCode", "PublishVersion", "UpdateAlias"]
ALWAYS = 1000


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(observe, "FIRST_WAIT", 0.01)


def wait_out(world: World, release: Release) -> Release:
    Release.objects.filter(pk=release.pk).update(due_at=timezone.now())
    return world.advance(release)


@pytest.mark.parametrize("operations", [WRITES, ["GetFunction"], ["GetAlias"]], ids=" ".join)
@pytest.mark.parametrize(("fault", "name"), BUSY)
def test_short_waits_are_waited_out_at_once(
    world: World, operations: list[str], fault: dict[str, Any], name: str
) -> None:
    """The writes are of one step each, which has its own patience."""
    release = approved(world)
    for operation in operations:
        world.aws.faults.add(Fault(operation, "error", times=2, **fault))
    assert world.advance(release).state == ReleaseState.RELEASED
    assert (world.live(), world.versions()) == ("2", ["1", "2"])
    assert [each["hits"] for each in world.aws.faults.describe()] == [2] * len(operations)


@pytest.mark.parametrize(("fault", "name"), BUSY)
def test_longer_ones_are_left_to_later(world: World, fault: dict[str, Any], name: str) -> None:
    """At each write in turn; what comes before it is done and is not done again."""
    release = approved(world)
    for operation in WRITES:
        busy = world.aws.faults.add(Fault(operation, "error", times=ALWAYS, **fault))
        wait_out(world, release)
        assert release.due_at and release.due_at > timezone.now() and release.waiting_since
        calls = world.aws.calls.find()
        assert calls[-1].operation == operation
        world.advance(release)
        assert len(world.aws.calls.find()) == len(calls)
        world.aws.faults.remove(busy)
    assert wait_out(world, release).state == ReleaseState.RELEASED
    assert (world.live(), world.versions()) == ("2", ["1", "2"])


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize(("fault", "name"), BUSY)
def test_it_fails_when_the_budget_is_spent(
    world: World, settings: Any, operation: str, fault: dict[str, Any], name: str
) -> None:
    release = approved(world)
    world.aws.faults.add(Fault(operation, "error", times=ALWAYS, **fault))
    world.advance(release)
    long_ago = timezone.now() - timedelta(seconds=settings.SLUICE_WAIT_SECONDS + 1)
    Release.objects.filter(pk=release.pk).update(waiting_since=long_ago)
    wait_out(world, release)
    assert (release.state, release.error_name) == (ReleaseState.FAILED, name)
    assert release.error_advice and world.live() == "1"


def test_waiting_is_told_once(world: World) -> None:
    release = approved(world)
    world.aws.faults.add(Fault("PublishVersion", "error", times=ALWAYS, status=429))
    for _ in range(3):
        wait_out(world, release)
    assert AuditEvent.objects.filter(action="step.waiting").count() == 1


def test_an_update_under_way_is_polled_until_it_settled(world: World) -> None:
    release = approved(world)
    world.aws.timing.in_progress = 0.2
    assert world.advance(release).state == ReleaseState.RELEASED


def test_an_endless_update_is_left_to_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe, "PATIENCE", 0.05)
    release = approved(world)
    world.aws.timing.in_progress = 60.0
    assert world.advance(release).state == ReleaseState.STAGING and release.due_at
    world.aws.settle(world.name, region="eu-west-1")
    assert wait_out(world, release).state == ReleaseState.RELEASED


def test_a_pending_version_is_waited_for(world: World) -> None:
    release = approved(world)
    world.aws.timing.publish = 0.2
    assert world.advance(release).state == ReleaseState.RELEASED
    world.aws.timing.publish = 0.0
