"""A busy AWS is waited out, within the budget for waiting and not a moment longer."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases.models import AuditEvent, Release
from releases.pipeline import observe, settle
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.world import World, package

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


def approved(world: World) -> Release:
    world.add()
    release = world.advance(world.request(package("two")))
    world.approve(release)
    return release


def wait_out(world: World, release: Release) -> Release:
    Release.objects.filter(pk=release.pk).update(due_at=timezone.now())
    return world.advance(release)


@pytest.mark.parametrize("operation", [*WRITES, "GetFunction", "GetAlias"])
@pytest.mark.parametrize(("fault", "name"), BUSY)
def test_a_short_wait_is_waited_out_at_once(
    world: World, operation: str, fault: dict[str, Any], name: str
) -> None:
    release = approved(world)
    world.aws.faults.add(Fault(operation, "error", times=2, **fault))
    assert world.advance(release).state == ReleaseState.RELEASED
    assert (world.live(), world.versions()) == ("2", ["1", "2"])


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize(("fault", "name"), BUSY)
def test_a_longer_one_is_left_to_later(
    world: World, operation: str, fault: dict[str, Any], name: str
) -> None:
    release = approved(world)
    busy = world.aws.faults.add(Fault(operation, "error", times=ALWAYS, **fault))
    world.advance(release)
    assert release.due_at and release.due_at > timezone.now() and release.waiting_since
    calls = len(world.aws.calls.find())
    world.advance(release)
    assert len(world.aws.calls.find()) == calls
    world.aws.faults.remove(busy)
    assert wait_out(world, release).state == ReleaseState.RELEASED
    assert world.versions() == ["1", "2"]


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
