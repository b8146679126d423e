"""Withdraw a looser policy that one has proposed."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy, policy_changes
from releases.actions.approve_policy_change import under_lock
from releases.actions.put_in_force import close
from releases.actions.refusal import about, refused_policy
from releases.audit import Origin, named, record
from releases.models import ChangeState, PolicyChange


def withdraw_policy_change(change: PolicyChange, *, by: User, origin: Origin) -> None:
    """Take the proposal back. Raises NotAllowed: only its proposer does."""
    verb = "withdraw a looser approval policy"
    with refused_policy(verb, change.subject, by=by, origin=origin), transaction.atomic():
        change = under_lock(change)
        policy.require(policy_changes.can_withdraw_policy_change(by, change))
        close(change, ChangeState.WITHDRAWN, f"{by.name} withdrew it")
        record(
            "policy.withdrawn",
            by=by,
            origin=origin,
            **about(change.subject),
            about=named(change),
        )
