"""Approvals are counted again under the lock, up to the moment AWS is written to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Role, User
from releases.actions.change_policy import change_policy
from releases.actions.retry import retry
from releases.models import AuditEvent, Release
from releases.pipeline import settle
from releases.rules import Rules
from releases.states import Gate, ReleaseState
from sandbox.aws.faults import Fault
from tests.factories import IntakeFactory
from tests.pipeline.ways import added, approved, at_the_gate
from tests.world import HERE, World, package


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "PAUSES", (0.0, 0.0))


def lost_the_role(world: World, release: Release) -> None:
    User.objects.filter(username="manager").update(role=Role.SECURITY)


def was_deactivated(world: World, release: Release) -> None:
    User.objects.filter(username="manager").update(is_active=False)


def became_an_author(world: World, release: Release) -> None:
    IntakeFactory.create(artifact=release.artifact, person=world.people["manager"])


CASES: dict[Callable[[World, Release], None], str] = {
    lost_the_role: "manager is no longer a release manager",
    was_deactivated: "manager is deactivated",
    became_an_author: "manager brought in these bytes",
}


@pytest.mark.parametrize("gate", list(Gate))
@pytest.mark.parametrize("case", CASES)
def test_an_approved_release_goes_back_and_says_whose_lapsed(
    world: World, case: Callable[[World, Release], None], gate: Gate
) -> None:
    release = approved(world, gate=gate)
    assert release.state == ReleaseState.APPROVED
    case(world, release)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    event = AuditEvent.objects.get(action="release.approvals_lapsed")
    assert (event.data["people"], CASES[case] in event.sentence) == (["manager"], True)
    assert world.versions() == ["1"]
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED


def test_expired_approvals_take_an_approved_release_back(world: World) -> None:
    release = approved(world)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
        event = AuditEvent.objects.get(action="release.approvals_lapsed")
        assert "the approval of manager has expired" in event.sentence
        world.approve(release)
        assert world.advance(release).state == ReleaseState.RELEASED


def test_a_policy_says_how_long_its_approvals_last(world: World) -> None:
    added(world)
    change_policy(world.function, Rules(days=2), by=world.people["admin"], origin=HERE)
    release = world.advance(world.request(package("two")))
    world.approve(release)
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL


@pytest.mark.parametrize("operation", ["UpdateFunctionCode", "PublishVersion"])
def test_whoever_stops_counting_on_the_way_stops_the_release(world: World, operation: str) -> None:
    release = approved(world)
    throttled = {"status": 429, "code": "TooManyRequestsException", "message": "Rate exceeded"}
    world.aws.faults.add(Fault(operation, "error", times=3, **throttled))  # type: ignore[arg-type]
    world.advance(release)
    assert release.state in (ReleaseState.STAGING, ReleaseState.PUBLISHING)
    lost_the_role(world, release)
    Release.objects.filter(pk=release.pk).update(due_at=None)
    world.advance(release)
    assert (release.state, release.error_name) == (ReleaseState.FAILED, "ApprovalsLapsed")
    assert world.versions() == ["1"]
    retry(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED


def test_a_policy_changed_on_the_way_stops_the_release(world: World) -> None:
    release = approved(world)
    throttled = {"status": 429, "code": "TooManyRequestsException", "message": "Rate exceeded"}
    world.aws.faults.add(Fault("PublishVersion", "error", times=3, **throttled))  # type: ignore[arg-type]
    world.advance(release)
    change_policy(world.environment, Rules(1, 1), by=world.people["admin"], origin=HERE)
    Release.objects.filter(pk=release.pk).update(due_at=None)
    assert world.advance(release).error_name == "ApprovalsLapsed"
    retry(release, by=world.people["developer"], origin=HERE)
    world.advance(release)
    assert (release.state, release.round_number) == (ReleaseState.AWAITING_APPROVAL, 2)
    assert release.rounds.get(number=2).rules == Rules(1, 1)


def test_two_groups_have_to_approve(world: World) -> None:
    release = at_the_gate(world, approvals=2, security=1)
    for who in ("manager", "second-manager"):
        world.approve(release, by=who)
        assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    world.approve(release, by="security")
    assert world.advance(release).state == ReleaseState.RELEASED
