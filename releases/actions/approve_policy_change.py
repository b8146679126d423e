"""Approve a looser policy: with the last approval of the present policy it is in force."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy, policy_changes
from releases.actions.put_in_force import close, locked, put_in_force, rules_by_name
from releases.actions.refusal import about, refused_policy
from releases.audit import Origin, named, record
from releases.errors import InvalidInput
from releases.models import ChangeState, PolicyChange, PolicyDecision, PolicyVerdict, role_of


def approve_policy_change(change: PolicyChange, *, by: User, origin: Origin) -> None:
    """Give `by`'s approval, and put the change in force if that was the last one.

    Raises NotAllowed (the attempt is recorded), and InvalidInput if nobody could satisfy the
    new policy any more.
    """
    verb = "approve a looser approval policy"
    with refused_policy(verb, change.subject, by=by, origin=origin), transaction.atomic():
        change = under_lock(change)
        policy.require(policy_changes.can_approve_policy_change(by, change))
        decide(change, PolicyVerdict.APPROVE, by=by)
        counted = policy_changes.policy_tally(change)
        record(
            "policy.approval_given",
            by=by,
            origin=origin,
            **about(change.subject),
            about=named(change),
            count=change.before.given(counted),
            required=change.before.total,
        )
        if change.before.met_by(counted):
            _take_effect(change, origin.caused)


def under_lock(change: PolicyChange) -> PolicyChange:
    """The present row, while no policy of its environment changes."""
    subject = locked(change.subject)
    rows = PolicyChange.objects.select_for_update(of=("self",))
    present = rows.select_related("proposed_by").get(pk=change.pk)
    setattr(present, "function" if present.function_id else "environment", subject)
    return present


def decide(
    change: PolicyChange, verdict: PolicyVerdict, *, by: User, reason: str = ""
) -> PolicyDecision:
    """Keep one decision; what it may stand beside has expired or was a yes before this no."""
    earlier = change.decisions.filter(person=by, replaced_at__isnull=True)
    earlier.update(replaced_at=timezone.now())
    return PolicyDecision.objects.create(
        change=change, person=by, role=role_of(by, change.subject), verdict=verdict, reason=reason
    )


def _take_effect(change: PolicyChange, origin: Origin) -> None:
    problem = policy_changes.too_few(change.after, change.subject)
    if problem:
        raise InvalidInput(problem)
    because = f"a looser approval policy, proposed by {change.proposed_by.name}, was approved"
    close(change, ChangeState.IN_FORCE, because)
    record(
        "policy.loosened",
        by=None,
        origin=origin,
        **about(change.subject),
        about=named(change, change.proposed_by),
        proposer=change.proposed_by.name,
        was=str(change.before),
        becomes=str(change.after),
        before=rules_by_name(change.before),
        after=rules_by_name(change.after, inherits=change.inherits),
    )
    own = None if change.inherits else change.after
    put_in_force(change.subject, own, because=because, origin=origin)
