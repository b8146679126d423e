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
from releases.models import Function, Hold

LONGEST_DAYS = 90


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


def hold_or_keep(locked: Function, *, reason: str, by: User, origin: Origin) -> Hold:
    """The hold of a rollback: the one in force, without an end, or a new one."""
    standing = hold_on(locked)
    if standing is None:
        return place(locked, reason=reason, by=by, origin=origin)
    Hold.objects.filter(pk=standing.pk).update(expires_at=None)
    record(
        "function.hold_kept",
        by=by,
        origin=origin,
        function=locked,
        about=named(standing),
        before={"until": _said(standing.expires_at)},
        after={"until": _said(None)},
        hold=standing.pk,
        reason=reason,
    )
    return standing


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
