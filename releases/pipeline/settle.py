"""Running one step against what AWS answers, and writing down how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from releases.actions.conflict import stop_in_conflict
from releases.actions.drift import is_our_rollback
from releases.actions.gate import let_through
from releases.actions.notice_drift import released
from releases.actions.trace import look_for_author
from releases.audit import Evidence, record
from releases.aws.errors import (
    AccessDenied,
    AwsError,
    Conflict,
    CredentialsProblem,
    OutcomeUnknown,
    Retryable,
)
from releases.errors import OnHold, UnderFreeze
from releases.models import StepName, StepOutcome
from releases.packages.errors import PackageError
from releases.pipeline.context import StepContext
from releases.pipeline.following import settings_are_followed
from releases.pipeline.gatekeeper import say_held
from releases.pipeline.outcomes import Done, Failed, Moved, Outcome, Waiting
from releases.states import WORKING, ReleaseState

# A step that AWS did not let through is run again here, then goes back to the queue.
PAUSES = (0.2, 0.5, 1.0, 2.0)
CURABLE = (AccessDenied, CredentialsProblem)
LATER = timedelta(seconds=5)


@dataclass(frozen=True)
class Later:
    """AWS is busy: the release goes back to the queue until the budget for waiting is spent."""

    detail: str
    problem: AwsError | None = None
    # A freeze ends at a known time, however long that is.
    until: datetime | None = None


def attempt_step(ctx: StepContext, run: Callable[[StepContext], Outcome]) -> Outcome | Later:
    """Run a step until AWS lets it through or has clearly refused.

    Every step looks before it acts, so after any unclear answer, 409 and 412 included, running
    it again is what finds out whether the effect is already there.
    """
    problem: AwsError | None = None
    for pause in (*PAUSES, None):
        try:
            return run(ctx)
        except Waiting as waiting:
            return Later(str(waiting))
        except UnderFreeze as stop:
            return Later(str(stop), until=stop.until)
        except OnHold as hold:
            if ctx.step.name == StepName.WITHDRAW:
                # A withdrawal ends only once: it waits for the hold to end, as long as it may.
                return Later(str(hold))
            return Moved([str(hold)], is_ours=True)
        except PackageError as error:
            return Failed(error.code, error.message, error.advice)
        except (Retryable, OutcomeUnknown, Conflict) as error:
            problem = error
        except AwsError as error:
            if ctx.step.name == StepName.WITHDRAW and isinstance(error, CURABLE):
                # A withdrawal ends only once: it waits for somebody to renew what has run out.
                return Later(f"{error.name}: {error.message}", error)
            return Failed(error.name, error.message, error.advice)
        if pause is not None:
            time.sleep(pause)
    assert problem is not None  # noqa: S101 - the loop ends only after an error
    if isinstance(problem, Conflict):
        return Moved([f"somebody else keeps changing the function: {problem.message}"])
    return Later(f"{problem.name}: {problem.message}", problem)


def settle(ctx: StepContext, outcome: Outcome | Later) -> bool:
    """Write down what a step said; True if there is more to do for the release at once."""
    if isinstance(outcome, Later):
        outcome = _wait(ctx, outcome) or outcome
    if isinstance(outcome, Later):
        return False
    with transaction.atomic():
        if ctx.step.name == StepName.WITHDRAW and not isinstance(outcome, Done):
            outcome = could_not_put_back(ctx, outcome)
        match outcome:
            case Done():
                _done(ctx, outcome)
            case Moved():
                _conflict(ctx, outcome)
            case Failed():
                _failed(ctx, outcome)
    # Whether its approvals let it through was asked when it came to its gate.
    return isinstance(outcome, Done) and ctx.release.state in WORKING


def _done(ctx: StepContext, outcome: Done) -> None:
    ctx.finish(StepOutcome.DONE, outcome.detail)
    if outcome.to is None:
        ctx.save(**outcome.fields, waiting_since=None, due_at=None)
    else:
        ctx.move(outcome.to, said=outcome.said, **outcome.fields)
    if outcome.to == ReleaseState.RELEASED:
        released(ctx.release)
    if ctx.step.name == StepName.CHECK:
        settings_are_followed(ctx)
    if outcome.to == ReleaseState.AWAITING_APPROVAL:
        # Approvals that still count let it through now: nobody may die in between, for
        # whoever recovers leaves a release at its gate to people.
        let_through(ctx.release, attempt=ctx.attempt)


def _conflict(ctx: StepContext, outcome: Moved) -> None:
    what = "; ".join(outcome.what)
    ctx.finish(StepOutcome.CONFLICT, what)
    if not (outcome.is_ours or is_our_rollback(ctx.function, outcome.what)):
        look_for_author(ctx.function, ctx.release, ctx.looked_at)
    ctx.lock.check()
    evidence = Evidence(aws_request_ids=ctx.gateway.request_ids)
    stop_in_conflict(ctx.release, what, attempt=ctx.attempt, evidence=evidence)


def _failed(ctx: StepContext, outcome: Failed) -> None:
    problem, name = f"{outcome.name}: {outcome.message}", outcome.name[:80]
    ctx.finish(StepOutcome.FAILED, problem, error_name=name)
    ctx.move(
        ReleaseState.FAILED,
        said={"problem": problem},
        error_name=name,
        error_message=outcome.message,
        error_advice=outcome.advice,
        **outcome.fields,
    )


def could_not_put_back(ctx: StepContext, outcome: Moved | Failed) -> Done:
    """A withdrawal always ends: what could not be put back stays, and the history says so."""
    why = "; ".join(outcome.what) if isinstance(outcome, Moved) else outcome.message
    detail = f"$LATEST could not be put back: {why}"
    record(
        "function.drifted",
        by=None,
        function=ctx.function,
        release=ctx.release,
        detail=detail,
        aws_request_ids=ctx.gateway.request_ids,
    )
    to = ReleaseState(ctx.release.ends_as)
    return Done(detail, to=to, said={"reason": ctx.release.ends_because})


def _wait(ctx: StepContext, later: Later) -> Failed | None:
    """Put the step off, or give up when the budget for waiting is spent."""
    now = timezone.now()
    if later.until is not None:
        _wait_for_the_end(ctx, later.detail, later.until)
        return None
    since = ctx.release.waiting_since or now
    if now - since > timedelta(seconds=settings.SLUICE_WAIT_SECONDS):
        if later.problem is None:
            return Failed("Timeout", later.detail, "Look at the function in AWS, then retry.")
        return Failed(later.problem.name, later.problem.message, later.problem.advice)
    with transaction.atomic():
        ctx.step.outcome, ctx.step.detail = StepOutcome.WAITING, later.detail
        ctx.step.finished_at = now
        ctx.step.save(update_fields=["outcome", "detail", "finished_at"])
        if ctx.release.waiting_since is None:
            ctx.note(later.detail, event="step.waiting")
        ctx.save(due_at=now + LATER, waiting_since=since)
    return None


def _wait_for_the_end(ctx: StepContext, why: str, until: datetime) -> None:
    """Nothing of it lapses. Lifting the freeze, or overriding it, wakes it before that."""
    with transaction.atomic():
        ctx.step.outcome, ctx.step.detail = StepOutcome.WAITING, why
        ctx.step.finished_at = timezone.now()
        ctx.step.save(update_fields=["outcome", "detail", "finished_at"])
        say_held(ctx.release, f"freeze until {until:%Y-%m-%d %H:%M}", why)
        ctx.save(due_at=until, waiting_since=None)
