"""Reject a looser policy: the present one stays."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy, policy_changes
from releases.actions.approve_policy_change import decide, under_lock
from releases.actions.put_in_force import close
from releases.actions.refusal import about, refused_policy
from releases.audit import Origin, named, record
from releases.errors import InvalidInput
from releases.models import ChangeState, PolicyChange, PolicyVerdict


def reject_policy_change(change: PolicyChange, *, by: User, origin: Origin, reason: str) -> None:
    """End the proposal. Raises NotAllowed, and InvalidInput without a reason."""
    reason = reason.strip()
    verb = "reject a looser approval policy"
    with refused_policy(verb, change.subject, by=by, origin=origin), transaction.atomic():
        change = under_lock(change)
        policy.require(policy_changes.can_reject_policy_change(by, change))
        if not reason:
            raise InvalidInput("Say why: a rejection needs a reason.", field="reason")
        decide(change, PolicyVerdict.REJECT, by=by, reason=reason)
        close(change, ChangeState.REJECTED, reason)
        record(
            "policy.rejected",
            by=by,
            origin=origin,
            **about(change.subject),
            about=named(change, change.proposed_by),
            reason=reason,
        )
