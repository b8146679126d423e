"""Resume: a function's hold ends. Nothing goes out by that alone."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy, queues, rollback_policy
from releases.actions.gate import renew_round
from releases.actions.refusal import refused_function
from releases.audit import Origin, named, record
from releases.errors import InvalidInput, StaleRelease
from releases.holds import hold_on
from releases.models import Function, Hold, Release
from releases.states import ReleaseState

ENDED: dict[str, Any] = {"before": {"on_hold": True}, "after": {"on_hold": False}}
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
        waiting = _waiting(function)
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
        _sort_out(waiting, lets_go, origin.caused)


def end_expired() -> int:
    """End the holds whose time is over; what waited goes back to its gate. Returns how many.

    Any number of crons may run at once.
    """
    ended = 0
    expired = Hold.objects.filter(ended_at=None, expires_at__lte=timezone.now())
    for hold in expired.select_related("function__environment"):
        with transaction.atomic():
            waiting = _waiting(hold.function)
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
            _sort_out(waiting, None, origin)
        ended += 1
    return ended


def _waiting(function: Function) -> list[Release]:
    """The releases that would go out at once, were it not for the hold; locked."""
    approved = Release.objects.filter(function=function, state=ReleaseState.APPROVED)
    locked = approved.select_for_update(of=("self",)).order_by("pk")
    return list(locked.select_related("function__environment"))


def _end(hold: Hold, *, by: User | None, because: str) -> None:
    Hold.objects.filter(pk=hold.pk).update(
        ended_at=timezone.now(), ended_by=by, ended_because=because
    )


def _sort_out(waiting: list[Release], lets_go: int | None, origin: Origin) -> None:
    for release in waiting:
        if release.pk == lets_go:
            Release.objects.filter(pk=release.pk).update(due_at=None)
            queues.enqueue_release(release.pk)
        else:
            renew_round(release, RESUMED, origin=origin)
