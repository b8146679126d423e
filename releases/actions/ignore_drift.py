"""Ignore drift, with a reason: it is known, and nothing is to be done about it."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import drift_policy, policy
from releases.actions.drift_choice import chosen, refused_drift
from releases.actions.notice_drift import close
from releases.audit import Origin
from releases.errors import InvalidInput
from releases.models import Drift, DriftState

LONGEST = 1000


def ignore_drift(drift: Drift, *, by: User, origin: Origin, seen: int, reason: str) -> None:
    """Close it. Only what moves after this is drift again.

    Raises NotAllowed, StaleDrift, InvalidInput without a reason.
    """
    reason = reason.strip()
    with refused_drift("ignore", drift, by=by, origin=origin), transaction.atomic():
        locked = chosen(drift, seen=seen)
        policy.require(drift_policy.can_ignore_drift(by, locked))
        if not reason:
            raise InvalidInput("Say why nothing has to be done about it.", field="reason")
        if len(reason) > LONGEST:
            raise InvalidInput(f"Use at most {LONGEST} characters.", field="reason")
        close(locked, DriftState.IGNORED, by=by, origin=origin, reason=reason)
    drift.refresh_from_db()
