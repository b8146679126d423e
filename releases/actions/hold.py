"""Hold: from now on nothing changes what a function's callers run, until somebody resumes it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy, rollback_policy
from releases.actions.refusal import refused_function
from releases.audit import Origin, named, record
from releases.errors import InvalidInput, StaleRelease
from releases.holds import hold_on, in_words
from releases.models import Function, Hold, Release

LONGEST_DAYS = 90
# What follows the reason of a rollback's hold: why somebody held the function before.
CARRIED = " (on hold before by "


def hold(
    function: Function,
    *,
    reason: str,
    by: User,
    origin: Origin,
    expires_at: datetime | None = None,
) -> Hold:
    """Put `function` on hold, for good or until `expires_at`.

    Raises NotAllowed, InvalidInput naming the field, StaleRelease if it is on hold already.
    """
    reason = reason.strip()
    with refused_function("hold", function, by=by, origin=origin), transaction.atomic():
        locked = Function.objects.select_for_update().get(pk=function.pk)
        policy.require(rollback_policy.can_hold(by, locked))
        if not reason:
            raise InvalidInput("Say why, for those who wait.", field="reason")
        _check_expiry(expires_at)
        if standing := hold_on(locked):
            raise StaleRelease(f"{in_words(locked, standing)}. It is not put on hold twice.")
        return place(locked, reason=reason, by=by, origin=origin, expires_at=expires_at)


def place(
    locked: Function,
    *,
    reason: str,
    by: User,
    origin: Origin,
    expires_at: datetime | None = None,
) -> Hold:
    """The placing itself: in a transaction, with the function's row locked."""
    placed = Hold.objects.create(
        function=locked, reason=reason, placed_by=by, expires_at=expires_at
    )
    until = f" until {expires_at:%Y-%m-%d %H:%M} UTC" if expires_at else ""
    record(
        "function.held",
        by=by,
        origin=origin,
        function=locked,
        about=named(placed),
        before={"on_hold": False},
        after={"on_hold": True, "until": _said(expires_at)},
        hold=placed.pk,
        until=until,
        reason=reason,
    )
    return placed


def hold_for_rollback(locked: Function, *, to: str, reason: str, by: User, origin: Origin) -> Hold:
    """The hold of a rollback, without an end; `to` is where it goes, there already or not.

    It takes the place of one in force: whoever is about to resume that one saw another version
    live than the one they would let go. Why somebody held it by hand is carried along.
    """
    why, standing = f"rollback to {to}: {reason}", hold_on(locked)
    if standing is None:
        return place(locked, reason=why, by=by, origin=origin)
    now = timezone.now()
    Hold.objects.filter(pk=standing.pk).update(ended_at=now, ended_by=by, ended_because=why)
    placed = Hold.objects.create(function=locked, reason=f"{why}{_carried(standing)}", placed_by=by)
    record(
        "function.hold_kept",
        by=by,
        origin=origin,
        function=locked,
        about=named(standing, placed),
        before={"until": _said(standing.expires_at)},
        after={"until": _said(None)},
        hold=placed.pk,
        reason=placed.reason,
    )
    return placed


def _carried(standing: Hold) -> str:
    if _is_of_a_rollback(standing):
        _, carried, earlier = standing.reason.partition(CARRIED)
        return carried + earlier
    return f"{CARRIED}{standing.placed_by.name}: {standing.reason})"


def _is_of_a_rollback(standing: Hold) -> bool:
    """A person may begin a reason as they like, so the rows tell.

    A release that puts code back took the place of any hold before it.
    """
    put_back = Release.objects.filter(
        function=standing.function_id,
        requested_by=standing.placed_by_id,
        rolls_back_to__isnull=False,
        created_at__gte=standing.placed_at,
    )
    return standing.rollbacks.exists() or put_back.exists()


def _said(until: datetime | None) -> str:
    return until.isoformat() if until else "somebody resumes it"


def _check_expiry(moment: datetime | None) -> None:
    now = timezone.now()
    if moment is not None and moment <= now:
        raise InvalidInput(
            "This time is past. Leave it empty to hold until somebody resumes.", field="expires_at"
        )
    if moment is not None and moment > now + timedelta(days=LONGEST_DAYS):
        raise InvalidInput(
            f"At most {LONGEST_DAYS} days ahead, please; without a time it lasts until somebody"
            " resumes.",
            field="expires_at",
        )
