"""advance(): take one release as far as it can go, one step after the other."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import structlog
from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from releases import queues
from releases.actions.gate import AT_THE_GATE, let_through
from releases.audit import record
from releases.cause import caused_by
from releases.errors import LockLost, StaleRelease
from releases.models import AwsCall, CallStatus, Release, Step, StepName, StepOutcome
from releases.pipeline.check import check
from releases.pipeline.context import MOST_INTERRUPTIONS, StepContext
from releases.pipeline.gatekeeper import still_approved
from releases.pipeline.lock import FunctionLock, function_lock
from releases.pipeline.outcomes import Failed, Outcome
from releases.pipeline.publish import publish
from releases.pipeline.settle import attempt_step, settle
from releases.pipeline.shift import shift
from releases.pipeline.stage import stage
from releases.pipeline.withdraw import withdraw
from releases.states import ReleaseState

log = structlog.get_logger()

STEPS: dict[StepName, Callable[[StepContext], Outcome]] = {
    StepName.CHECK: check,
    StepName.STAGE: stage,
    StepName.PUBLISH: publish,
    StepName.SHIFT: shift,
    StepName.WITHDRAW: withdraw,
}
# Two jobs of one release follow each other closely; the second waits for the first to let go.
PATIENCE = 2.0

GAVE_UP = Failed(
    "Interrupted",
    f"Workers broke off at this step {MOST_INTERRUPTIONS} times in a row.",
    "The worker's log says why. Retry when that is mended.",
)


def advance(release_id: int) -> None:
    """Run every step that is due, under the function's lock. Safe to call at any time, twice,
    and after a crash anywhere."""
    release = Release.objects.filter(pk=release_id).first()
    if release is None:
        return
    with function_lock(release.function_id, patience=PATIENCE) as lock:
        if lock is None:
            return
        try:
            with caused_by(release.click):
                take_over(release)
            while go_on(release, lock):
                pass
        except StaleRelease as error:
            log.warning("release.left", release=release.reference, because=str(error))
            with caused_by(release.click):
                leave(release)
        except LockLost as error:
            log.warning("release.lock_lost", release=release.reference, because=str(error))
            queues.enqueue_again(release.pk)


def take_over(release: Release) -> None:
    """Make the release ours, and say what a worker before us left unfinished."""
    with transaction.atomic():
        release.attempt = uuid.uuid4()
        Release.objects.filter(pk=release.pk).update(attempt=release.attempt)
        unanswered = AwsCall.objects.filter(release=release, status=CallStatus.SENT)
        unanswered.update(status=CallStatus.UNKNOWN)
        for step in Step.objects.filter(release=release, finished_at=None):
            step.outcome = StepOutcome.INTERRUPTED
            step.finished_at = timezone.now()
            step.save(update_fields=["outcome", "finished_at"])
            record(
                "step.interrupted",
                by=None,
                release=release,
                step=step.get_name_display(),
                aws_request_ids=_answered(step),
            )


def leave(release: Release) -> None:
    """Close what this attempt began, unless a worker that took the release over has done so."""
    because = "stopped: somebody else moved the release meanwhile"
    begun = Step.objects.filter(release=release, token=str(release.attempt), finished_at=None)
    with transaction.atomic():
        for step in begun.select_for_update():
            step.outcome, step.detail = StepOutcome.INTERRUPTED, because
            step.finished_at = timezone.now()
            step.save(update_fields=["outcome", "detail", "finished_at"])
            name = step.get_name_display()
            ids = _answered(step)
            record(
                "step.noted",
                by=None,
                release=release,
                step=name,
                detail=because,
                aws_request_ids=ids,
            )


def _answered(step: Step) -> list[str]:
    """AWS's ids of the calls that a step made before it was broken off."""
    return list(step.aws_calls.exclude(request_id="").values_list("request_id", flat=True))


def next_step(release: Release) -> StepName | None:
    """The step that a release's state asks for; None where people decide or all is done."""
    match ReleaseState(release.state):
        case ReleaseState.QUEUED:
            return StepName.CHECK
        case ReleaseState.STAGING:
            return StepName.STAGE
        case ReleaseState.PUBLISHING:
            return StepName.PUBLISH if release.version_number is None else StepName.SHIFT
        case ReleaseState.WITHDRAWING:
            return StepName.WITHDRAW
    return None


def go_on(release: Release, lock: FunctionLock) -> bool:
    """Run one step; False when there is nothing to do now."""
    attempt, ctx = release.attempt, None
    with transaction.atomic():
        # Read anew each time: somebody may have clicked since the last step.
        release = _locked(release)
        if release.attempt != attempt or (release.due_at and release.due_at > timezone.now()):
            return False
        if release.state not in AT_THE_GATE:
            name = next_step(release)
            if name is None or _must_wait(release):
                return False
            with caused_by(release.click):
                ctx = StepContext.begin(release, name, lock)
    with caused_by(release.click):
        return _take_step(ctx) if ctx else _pass_the_gate(release, lock)


def _pass_the_gate(release: Release, lock: FunctionLock) -> bool:
    if release.state == ReleaseState.AWAITING_APPROVAL:
        return let_through(release, attempt=release.attempt)
    return still_approved(release, lock)


def _take_step(ctx: StepContext) -> bool:
    if ctx.was_interrupted_too_often:
        return settle(ctx, GAVE_UP)
    return settle(ctx, attempt_step(ctx, STEPS[StepName(ctx.step.name)]))


def _locked(release: Release) -> Release:
    """The release as it is now, its row locked, with what most steps ask for."""
    related = Release.objects.select_related("function__environment", "artifact", "staged")
    return related.select_for_update(of=("self",)).get(pk=release.pk)


def _must_wait(release: Release) -> bool:
    """A queued release waits while another one has the function, or stands before it."""
    if release.state != ReleaseState.QUEUED:
        return False
    same = Release.objects.filter(function_id=release.function_id)
    following = same.in_queue().filter(~Exists(same.in_flight()))
    return following.values_list("pk", flat=True).first() != release.pk
