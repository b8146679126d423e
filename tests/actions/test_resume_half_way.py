"""Resume: what was half way out when the hold was placed goes no further by itself, either."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from releases.actions.hold import hold
from releases.actions.resume import end_expired, resume
from releases.actions.retry import retry
from releases.actions.stage_again import stage_again
from releases.actions.transition import transition
from releases.errors import StaleRelease
from releases.models import AuditEvent, Hold, Release, StepName, StepOutcome
from releases.pipeline.context import StepContext, may_write
from releases.pipeline.engine import take_over
from releases.pipeline.gatekeeper import lapsed_since
from releases.pipeline.lock import function_lock
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.beginnings import approved
from tests.kept import kept
from tests.world import HERE, World, package

STEP = {Gate.REVIEW_FIRST: ReleaseState.STAGING, Gate.STAGE_FIRST: ReleaseState.PUBLISHING}


@kept
def half_way(world: World, gate: Gate = Gate.REVIEW_FIRST) -> Release:
    """Approved and let through, and then no worker looked at it any more."""
    release = approved(world, gate=gate)
    transition(release, STEP[gate], by=None)
    return release


def put_on_hold(world: World) -> Hold:
    return hold(world.function, reason="Stop", by=world.people["manager"], origin=HERE)


def end(world: World, held: Hold, *, lets_go: int | None = None) -> None:
    person = world.people["manager"]
    resume(world.function, reason="Over", by=person, origin=HERE, seen=held.pk, lets_go=lets_go)


@pytest.mark.parametrize("gate", list(Gate))
def test_what_is_half_way_out_stops(world: World, gate: Gate) -> None:
    release = half_way(world, gate)
    end(world, put_on_hold(world))
    world.advance(release)
    assert (release.state, world.live()) == (ReleaseState.CONFLICT, "1")
    assert "the hold on the function ended" in release.error_message
    lapsed = AuditEvent.objects.get(action="release.approvals_lapsed")
    assert "given by manager" in lapsed.sentence


def test_what_is_ticked_goes_on_from_where_it_is(world: World) -> None:
    release = half_way(world)
    end(world, put_on_hold(world), lets_go=release.pk)
    world.advance(release)
    assert (release.state, world.live()) == (ReleaseState.RELEASED, "2")


def test_a_hold_that_expires_stops_it_too(world: World) -> None:
    release = half_way(world)
    held = put_on_hold(world)
    Hold.objects.filter(pk=held.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert end_expired() == 1
    world.advance(release)
    assert (release.state, world.live()) == (ReleaseState.CONFLICT, "1")


def test_it_goes_out_once_it_is_approved_again(world: World) -> None:
    release = half_way(world)
    end(world, put_on_hold(world))
    release.refresh_from_db()
    stage_again(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    world.approve(release)
    assert world.advance(release).state == ReleaseState.RELEASED


def test_a_worker_that_is_at_it_writes_no_more(world: World) -> None:
    release = half_way(world)
    with function_lock(release.function_id) as lock:
        assert lock is not None
        take_over(release)
        ctx = StepContext.begin(release, StepName.STAGE, lock)
        end(world, put_on_hold(world))
        with pytest.raises(StaleRelease):
            ctx.before_write()
        with pytest.raises(StaleRelease), transaction.atomic():
            ctx.lock_function()
        with pytest.raises(StaleRelease):
            may_write(ctx.release, lock, StepName.STAGE)
        with pytest.raises(StaleRelease):
            lapsed_since(ctx)
    step = release.steps.get(name=StepName.STAGE)
    assert (step.outcome, step.finished_at is None) == (StepOutcome.CONFLICT, False)


def test_what_is_only_being_staged_goes_on_to_its_gate(world: World) -> None:
    world.add(gate=Gate.STAGE_FIRST)
    release = world.request(package("two"))
    transition(release, ReleaseState.STAGING, by=None)
    end(world, put_on_hold(world))
    release.refresh_from_db()
    assert release.state == ReleaseState.STAGING


def test_approvals_of_before_do_not_let_a_retried_release_through(world: World) -> None:
    release = approved(world)
    world.aws.faults.add(
        Fault("UpdateFunctionCode", "error", status=400, code="InvalidParameterValueException")
    )
    assert world.advance(release).state == ReleaseState.FAILED
    held = put_on_hold(world)
    retry(release, by=world.people["developer"], origin=HERE)
    end(world, held)
    world.advance(release)
    assert (release.state, world.live()) == (ReleaseState.AWAITING_APPROVAL, "1")
