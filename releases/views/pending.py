"""A looser policy that waits for approval, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from releases import policy_changes
from releases.models import ChangeState, Environment, Function, PolicyChange, PolicyDecision
from releases.policy import Decision
from releases.rules import people


@dataclass(frozen=True)
class Pending:
    change: PolicyChange
    decisions: list[PolicyDecision]
    missing: str
    nobody_left: str
    may_approve: Decision
    may_reject: Decision
    may_withdraw: Decision


def pending(subject: Function | Environment, user: User) -> Pending | None:
    """The one change of this policy that is proposed, and what `user` may do with it."""
    rows = subject.policy_changes.filter(state=ChangeState.PENDING)
    change = rows.select_related("proposed_by").first()
    if change is None:
        return None
    setattr(change, "function" if isinstance(subject, Function) else "environment", subject)
    counting = policy_changes.counting_policy_approvals(change).select_related("person")
    given = list(counting)
    counted: dict[str, int] = {}
    for each in given:
        counted[each.role] = counted.get(each.role, 0) + 1
    missing = change.before.missing(counted)
    return Pending(
        change=change,
        decisions=given,
        missing=" and ".join(people(count, group) for group, count in missing.items()),
        nobody_left=policy_changes.too_few_to_decide(change.before, subject),
        may_approve=policy_changes.can_approve_policy_change(user, change),
        may_reject=policy_changes.can_reject_policy_change(user, change),
        may_withdraw=policy_changes.can_withdraw_policy_change(user, change),
    )
