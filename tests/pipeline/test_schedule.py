"""A release that is approved and waits for its time, and queues in their order."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Role, User
from releases.actions.approve import approve
from releases.actions.cancel import cancel
from releases.actions.reschedule import reschedule
from releases.actions.supersede import supersede
from releases.actions.withdraw_approval import withdraw_approval
from releases.models import AuditEvent, Comparison, Release
from releases.pipeline.recover import recover
from releases.states import Gate, ReleaseState
from tests.kept import kept
from tests.pipeline.ways import added, sha_of
from tests.pipeline.ways import at_the_gate as at_its_gate
from tests.world import HERE, World, package

GATES = pytest.mark.parametrize("gate", list(Gate))
A_DAY = timedelta(days=1)


def tomorrow() -> datetime:
    return timezone.now().replace(microsecond=0) + A_DAY


@kept
def approved(world: World, gate: Gate = Gate.REVIEW_FIRST) -> Release:
    release = at_the_gate(world, gate)
    world.approve(release)
    return world.advance(release)


@kept
def at_the_gate(world: World, gate: Gate = Gate.REVIEW_FIRST) -> Release:
    """Compared already, so that only the release itself can be due."""
    added(world, gate=gate)
    release = world.advance(world.request(package("two"), not_before=tomorrow()))
    release.rounds.update(comparison=Comparison.DONE)
    return release


def later(release: Release) -> time_machine.travel:
    assert release.not_before
    return time_machine.travel(release.not_before + timedelta(seconds=1), tick=True)


@GATES
def test_approved_it_waits_and_says_so_once(world: World, gate: Gate) -> None:
    release = approved(world, gate)
    for _ in range(3):
        world.advance(release)
    assert (release.state, release.due_at) == (ReleaseState.APPROVED, release.not_before)
    assert (world.live(), world.versions()) == ("1", ["1"])
    event = AuditEvent.objects.get(action="release.not_yet")
    assert "is approved and waits: publishes not before" in event.sentence


@GATES
def test_it_goes_out_by_itself_when_its_time_has_come(world: World, gate: Gate) -> None:
    release = approved(world, gate)
    assert recover(quiet=timedelta(0)) == 0
    with later(release):
        assert recover() == 1
        assert world.advance(release).state == ReleaseState.RELEASED
    assert world.live() == "2"


def test_a_worker_that_died_before_it_put_it_off_loses_nothing(world: World) -> None:
    """Approved, and the worker is gone: nothing says yet when it is due."""
    release = at_the_gate(world)
    world.approve(release)
    release.refresh_from_db()
    assert (release.state, release.due_at) == (ReleaseState.APPROVED, None)
    assert recover(quiet=timedelta(0)) == 1
    assert world.advance(release).due_at == release.not_before


def test_approved_after_its_time_it_goes_at_once(world: World) -> None:
    release = at_the_gate(world)
    with later(release):
        world.approve(release)
        assert world.advance(release).state == ReleaseState.RELEASED


def test_while_it_waits_it_can_be_cancelled(world: World) -> None:
    release = approved(world, Gate.STAGE_FIRST)
    before = world.client.get_function_configuration(FunctionName=world.name, Qualifier="1")
    cancel(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == ReleaseState.CANCELLED
    assert world.latest()["CodeSha256"] == before["CodeSha256"]


def test_while_it_waits_approvals_are_withdrawn_and_given(world: World) -> None:
    release = approved(world)
    withdraw_approval(release, by=world.people["manager"], origin=HERE)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    world.approve(release, by="second-manager")
    assert world.advance(release).due_at == release.not_before
    with later(release):
        assert world.advance(release).state == ReleaseState.RELEASED


def test_approvals_that_lapsed_meanwhile_do_not_publish(world: World) -> None:
    release = approved(world)
    User.objects.filter(username="manager").update(role=Role.VIEWER)
    with later(release):
        assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    assert world.live() == "1"


@pytest.mark.parametrize("gone", [True, False])
def test_another_time_is_followed(world: World, gone: bool) -> None:
    release = approved(world)
    by, seen = world.people["developer"], release.not_before
    to = None if gone else tomorrow() + A_DAY
    reschedule(release, by=by, origin=HERE, seen=seen, not_before=to)
    world.advance(release)
    if gone:
        assert release.state == ReleaseState.RELEASED
    else:
        assert (release.state, release.due_at) == (ReleaseState.APPROVED, to)


def test_what_changed_while_it_waited_is_a_conflict(world: World) -> None:
    release = approved(world)
    world.client.update_function_configuration(FunctionName=world.name, MemorySize=512)
    with later(release):
        assert world.advance(release).state == ReleaseState.CONFLICT


def test_the_next_in_the_queue_goes_first_whoever_is_asked(world: World) -> None:
    added(world)
    first, second = world.request(package("two")), world.request(package("three"))
    assert world.advance(second).state == ReleaseState.QUEUED
    assert world.advance(first).state == ReleaseState.AWAITING_APPROVAL


@GATES
def test_the_newer_goes_next_after_the_older_is_put_back(world: World, gate: Gate) -> None:
    older = at_its_gate(world, gate=gate)
    between, newer = world.request(package("three")), world.request(package("four"))
    by = world.people["developer"]
    supersede(newer, older, by=by, origin=HERE, seen=older.state)
    assert world.advance(newer).state == ReleaseState.QUEUED
    assert world.advance(older).state == ReleaseState.CANCELLED
    assert world.latest()["CodeSha256"] == sha_of("one")
    assert world.advance(between).state == ReleaseState.QUEUED
    assert world.advance(newer).state == ReleaseState.AWAITING_APPROVAL
    approve(
        newer,
        by=world.people["manager"],
        origin=HERE,
        fingerprint=newer.rounds.get(number=newer.round_number).fingerprint,
    )
    assert world.advance(newer).state == ReleaseState.RELEASED
