"""Resume: a function's hold ends. Nothing goes out by that alone."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy, queues, rollback_policy
from releases.actions.conflict import stop_in_conflict
from releases.actions.gate import close_round, renew_round
from releases.actions.refusal import refused_function
from releases.audit import Origin, named, record
from releases.errors import InvalidInput, StaleRelease
from releases.holds import hold_on, staging_is_going_live
from releases.models import Function, Hold, Release, Round, StepOutcome
from releases.states import ReleaseState

ENDED: dict[str, Any] = {"before": {"on_hold": True}, "after": {"on_hold": False}}
GOES_OUT = (ReleaseState.APPROVED, ReleaseState.STAGING, ReleaseState.PUBLISHING)
RESUMED = "the hold on the function ended, and nothing goes out by that alone"


def resume(
    function: Function,
    *,
    reason: str,
    by: User,
    origin: Origin,
    seen: int,
    lets_go: int | None = None,
) -> None:
    """End the hold `seen`. An approved release that waited goes back to its gate, its approvals
    lapsed, unless it is the one that `by` chose to let go: its number is `lets_go`.

    Raises NotAllowed, InvalidInput naming the field, StaleRelease if it is another hold by now.
    """
    reason = reason.strip()
    with refused_function("resume", function, by=by, origin=origin), transaction.atomic():
        # Releases before their function, as everybody locks them.
        waiting = _locked(function)
        locked = Function.objects.select_for_update().get(pk=function.pk)
        standing = hold_on(locked)
        policy.require(rollback_policy.can_resume(by, locked, standing))
        if not reason:
            raise InvalidInput("Say why it may move again.", field="reason")
        if standing is None or standing.pk != seen:
            raise StaleRelease(f"{function.name} was put on hold anew. Look again, then resume.")
        record(
            "function.resumed",
            by=by,
            origin=origin,
            function=locked,
            about=named(standing, *waiting),
            **ENDED,
            hold=standing.pk,
            reason=reason,
            lets_go=[each.reference for each in waiting if each.pk == lets_go],
        )
        _end(standing, by=by, because=reason)
        _sort_out(locked, waiting, lets_go, origin.caused)


def end_expired() -> int:
    """End the holds whose time is over; what waited goes back to its gate. Returns how many.

    Any number of crons may run at once.
    """
    ended = 0
    expired = Hold.objects.filter(ended_at=None, expires_at__lte=timezone.now())
    for hold in expired.select_related("function__environment"):
        with transaction.atomic():
            waiting = _locked(hold.function)
            locked = Function.objects.select_for_update().get(pk=hold.function_id)
            standing = hold_on(locked)
            # A rollback may have made it one without an end.
            if standing is None or standing.pk != hold.pk or not standing.expires_at:
                continue
            origin = Origin()
            record(
                "function.hold_expired",
                by=None,
                origin=origin,
                function=hold.function,
                about=named(hold),
                **ENDED,
                hold=hold.pk,
                reason=hold.reason,
            )
            _end(standing, by=None, because="expired")
            _sort_out(locked, waiting, None, origin)
        ended += 1
    return ended


def would_go_out(function: Function) -> list[Release]:
    """What would go out if the hold just ended: approved and waiting, or half way out already.

    A rollback never waits for a hold, and so does not depend on how it ends.
    """
    held = Release.objects.filter(function=function, state__in=GOES_OUT, rolls_back_to=None)
    found = held.select_related("function__environment", "requested_by").order_by("pk")
    return [release for release in found if _goes_out(release)]


def _goes_out(release: Release) -> bool:
    """Staging may end at a gate, which lets through at once what has been approved before."""
    if release.state != ReleaseState.STAGING or staging_is_going_live(release):
        return True
    round_ = release.current_round
    return bool(round_ and not round_.closed_at and policy.enough_approvals(round_))


def _locked(function: Function) -> list[Release]:
    """Every release of it that could go out by itself, as it is now; none moves meanwhile."""
    able = Release.objects.filter(function=function, state__in=[ReleaseState.QUEUED, *GOES_OUT])
    # Evaluated for the locks alone.
    list(able.select_for_update().order_by("pk").values_list("pk"))
    return would_go_out(function)


def _end(hold: Hold, *, by: User | None, because: str) -> None:
    Hold.objects.filter(pk=hold.pk).update(
        ended_at=timezone.now(), ended_by=by, ended_because=because
    )


def _sort_out(
    function: Function, waiting: list[Release], lets_go: int | None, origin: Origin
) -> None:
    for release in waiting:
        if release.pk == lets_go:
            Release.objects.filter(pk=release.pk).update(due_at=None)
            queues.enqueue_release(release.pk)
        elif release.state == ReleaseState.APPROVED:
            renew_round(release, RESUMED, origin=origin)
        else:
            _stop(release, origin)
    queued = Round.objects.filter(release__function=function, release__state=ReleaseState.QUEUED)
    again = queued.filter(closed_at=None, release__rolls_back_to=None, decisions__isnull=False)
    for round_ in again.distinct():
        # Its check would find approvals of before this, and let it through with them.
        if policy.enough_approvals(round_):
            close_round(round_, RESUMED, origin=origin)


def _stop(release: Release, origin: Origin) -> None:
    """As if a worker had met the hold; one that is at it now loses it, and so writes no more."""
    last = release.steps.last()
    if last and last.outcome in (StepOutcome.RUNNING, StepOutcome.WAITING):
        last.outcome, last.detail = StepOutcome.CONFLICT, RESUMED
        last.finished_at = last.finished_at or timezone.now()
        last.save(update_fields=["outcome", "detail", "finished_at"])
        record(
            "step.conflict",
            by=None,
            origin=origin,
            release=release,
            step=last.get_name_display(),
            detail=RESUMED,
        )
    Release.objects.filter(pk=release.pk).update(attempt=None)
    stop_in_conflict(release, RESUMED, origin=origin)
