"""The worker's part at the gate: an approved release goes on only while its approvals count."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from releases import policy
from releases.actions.gate import POLICY_CHANGED, policy_changed, renew_round
from releases.actions.transition import transition
from releases.audit import Named, named, record
from releases.holds import frozen, hold_on, in_words
from releases.models import AuditEvent, Function, Release, Round
from releases.models.present import locked_present, present
from releases.pipeline.context import StepContext, taken_over
from releases.pipeline.lock import FunctionLock
from releases.pipeline.outcomes import Failed
from releases.schedule import not_before_in_words
from releases.states import Gate, ReleaseState

# Ending a hold wakes what waits; this is for a wake-up that got lost.
LOOK_AGAIN = timedelta(minutes=1)


def still_approved(release: Release, lock: FunctionLock) -> bool:
    """Move an approved release on, or back to the gate if its approvals lapsed meanwhile."""
    with transaction.atomic():
        locked, round_ = locked_present(release.pk)
        lock.check()
        if sent_back(locked, round_, attempt=release.attempt):
            return False
        if waits_for_its_time(locked, release.attempt) or must_hold_still(locked, release.attempt):
            return False
        on = ReleaseState.PUBLISHING if locked.gate == Gate.STAGE_FIRST else ReleaseState.STAGING
        transition(locked, on, by=None, attempt=release.attempt)
    return True


def sent_back(locked: Release, round_: Round | None, *, attempt: uuid.UUID | None) -> bool:
    """Send an approved release back to its gate if its approvals do not count any more.

    Call in a transaction, with the row locked, and with its present round.
    """
    assert round_ is not None  # noqa: S101 - it was approved in one
    if policy_changed(locked, round_):
        renew_round(locked, POLICY_CHANGED)
        return True
    if policy.enough_approvals(round_):
        return False
    said = {"required": round_.rules.who}
    transition(locked, ReleaseState.AWAITING_APPROVAL, by=None, attempt=attempt, said=said)
    say_whose_lapsed(locked, round_)
    return True


def waits_for_its_time(locked: Release, attempt: uuid.UUID | None) -> bool:
    """Put a release off whose time has not come; recover() finds it when it is due.

    Its approvals are looked at again then. Call in a transaction, with the row locked.
    """
    if locked.not_before is None or locked.not_before <= timezone.now():
        return False
    mine = Release.objects.filter(pk=locked.pk, attempt=attempt)
    if locked.due_at != locked.not_before and mine.update(due_at=locked.not_before):
        when = not_before_in_words(locked.not_before)
        record("release.not_yet", by=None, release=locked, when=when)
    return True


def must_hold_still(locked: Release, attempt: uuid.UUID | None) -> bool:
    """Put a release off while its function is on hold, or its environment frozen.

    Resuming decides what becomes of it; when a freeze is over it goes out by itself.

    Call in a transaction, with the row locked.
    """
    if locked.rolls_back_to is not None:
        return False
    function = Function.objects.select_for_update().get(pk=locked.function_id)
    if hold := hold_on(function):
        mark, why = f"hold {hold.pk}", in_words(function, hold)
        about = named(hold)
    elif stop := frozen(locked):
        mark, why = f"freeze {stop.freeze.pk} {stop.until:%Y-%m-%d %H:%M}", stop.words
        about = named(stop.freeze)
    else:
        return False
    Release.objects.filter(pk=locked.pk, attempt=attempt).update(due_at=timezone.now() + LOOK_AGAIN)
    say_held(locked, mark, why, about)
    return True


def say_held(release: Release, mark: str, why: str, about: Sequence[Named] = ()) -> None:
    """Once for what keeps it, which `mark` names."""
    said = AuditEvent.objects.filter(release_id=release.pk, action="release.held")
    if not said.filter(data__mark=mark).exists():
        record("release.held", by=None, release=release, about=about, mark=mark, reason=why)


def say_whose_lapsed(release: Release, round_: Round) -> None:
    """Name those whose approval stopped counting, each with the reason."""
    lapsed = policy.lapsed_approvals(round_)
    if lapsed:
        record(
            "release.approvals_lapsed",
            by=None,
            release=release,
            reason=_whose(lapsed),
            people=list(lapsed),
        )


def lapsed_since(ctx: StepContext) -> Failed | None:
    """Asked right before AWS is written to: whoever was let through may not count any more."""
    ctx.lock.check()
    # The round that this step works under: the present one may be another by now.
    release, round_ = present(ctx.release.pk, ctx.release.round_number)
    assert round_ is not None  # noqa: S101 - it was approved in one
    if release.attempt != ctx.attempt:
        raise taken_over(release)
    if policy_changed(release, round_):
        because = POLICY_CHANGED
    elif policy.enough_approvals(round_):
        return None
    else:
        because = _whose(policy.lapsed_approvals(round_)) or "approvals were taken back"
        with transaction.atomic():
            ctx.before_write()
            say_whose_lapsed(release, round_)
    return Failed(
        "ApprovalsLapsed",
        f"Its approvals stopped counting after it was let through: {because}.",
        "Retry: it then waits at its gate until enough people have approved it again.",
    )


def _whose(lapsed: dict[str, str]) -> str:
    return "; ".join(f"the approval of {name} {why}" for name, why in lapsed.items())
