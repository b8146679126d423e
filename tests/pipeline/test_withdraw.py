"""Withdrawn after a publish: `$LATEST` is still what the release staged, and goes back."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet

from releases.actions.cancel import cancel
from releases.actions.freeze import end_freeze, override_freeze
from releases.actions.reject import reject
from releases.actions.stage_again import stage_again
from releases.models import AuditEvent, Release
from releases.pipeline import settle
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.pipeline.test_half_way import frozen_once_published
from tests.pipeline.test_publish import failed
from tests.pipeline.ways import approved, sha_of
from tests.world import HERE, World, package

EITHER_GATE = pytest.mark.parametrize("gate", list(Gate))
DENIED: dict[str, Any] = {"status": 403, "code": "AccessDeniedException"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "PAUSES", (0.0, 0.0))


def turn_down(world: World, release: Release, *, by: str = "manager") -> None:
    round_ = release.current_round
    assert round_ is not None
    said = {"fingerprint": round_.fingerprint, "reason": "Not today"}
    reject(release, by=world.people[by], origin=HERE, **said)


def blamed() -> QuerySet[AuditEvent]:
    drifted = AuditEvent.objects.filter(action="function.drifted")
    return drifted.filter(sentence__contains="did not stage")


def assert_put_back(world: World, release: Release) -> None:
    """And nobody is blamed for what the release did itself."""
    world.advance(release)
    assert release.state in (ReleaseState.REJECTED, ReleaseState.CANCELLED)
    assert world.latest()["CodeSha256"] == sha_of("one")
    assert not blamed().exists()


@EITHER_GATE
def test_a_new_round_after_the_publish_is_rejected(world: World, gate: Gate) -> None:
    release = approved(world, gate=gate, two_versions=True)
    moved = {"FunctionName": world.name, "Name": "live", "FunctionVersion": "2"}
    theirs = {"operation": "UpdateAlias", "parameters": moved}
    world.aws.faults.add(Fault("UpdateAlias", "change", call=theirs))
    assert world.advance(release).state == ReleaseState.CONFLICT
    stage_again(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    turn_down(world, release)
    assert_put_back(world, release)


def test_one_that_asks_for_an_approval_more_is_rejected(world: World) -> None:
    release, placed = frozen_once_published(world)
    override_freeze(release, reason="Cards fail", by=world.people["manager"], origin=HERE)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    turn_down(world, release, by="second-manager")
    end_freeze(placed, reason="Called off", by=world.people["admin"], origin=HERE)
    assert_put_back(world, release)


@EITHER_GATE
def test_its_version_failed(world: World, gate: Gate) -> None:
    release = failed(world, gate)
    cancel(release, by=world.people["developer"], origin=HERE)
    assert_put_back(world, release)


@EITHER_GATE
def test_nobody_heard_of_its_publish(world: World, gate: Gate) -> None:
    release = approved(world, gate=gate)
    world.aws.faults.add(Fault("PublishVersion", "drop", after=True))
    # The read that looks for the version: stage reads twice before it, and publish once.
    look_up = 1 if gate == Gate.STAGE_FIRST else 3
    world.aws.faults.add(Fault("GetFunction", "error", skip=look_up, **DENIED))
    assert world.advance(release).state == ReleaseState.FAILED
    assert (release.version_number, world.versions()) == (None, ["1", "2"])
    cancel(release, by=world.people["developer"], origin=HERE)
    assert_put_back(world, release)


@EITHER_GATE
def test_what_somebody_else_put_there_since_stays(world: World, gate: Gate) -> None:
    release = approved(world, gate=gate)
    world.aws.faults.add(Fault("UpdateAlias", "error", **DENIED))
    assert world.advance(release).state == ReleaseState.FAILED
    world.client.update_function_code(FunctionName=world.name, ZipFile=package("theirs"))
    theirs = world.latest()["CodeSha256"]
    cancel(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == ReleaseState.CANCELLED
    assert world.latest()["CodeSha256"] == theirs
    assert blamed().exists()
