"""Who may change an approval policy: it is a way round the gate, so it has a gate of its own."""

from __future__ import annotations

from django.db.models import Count, F, QuerySet

from accounts.models import Role, User
from releases.models import ChangeState, PolicyChange, PolicyDecision, PolicyVerdict
from releases.policy import YES, Decision, by_role, expiry, no
from releases.rules import Rules, people


def can_propose_policy_change(user: User) -> Decision:
    return by_role(user, frozenset({Role.ADMINISTRATOR}), "change approval policies")


def too_few(rules: Rules) -> str:
    """Why nobody could satisfy these rules, or nothing; everybody has one role and counts once."""
    active = User.objects.filter(is_active=True, role__in=rules.groups).order_by()
    have = dict(active.values_list("role").annotate(Count("pk")))
    managers = User.objects.filter(is_active=True, role=Role.RELEASE_MANAGER)
    if rules.rollback > 1 and managers.count() < rules.rollback:
        return "Nobody could roll back: it would take two release managers who are active."
    missing = rules.missing(have)
    if not missing:
        return ""
    asked = " and ".join(
        f"{people(rules.needs(group), group)} where {have.get(group, 0)}"
        f" {'is' if have.get(group, 0) == 1 else 'are'} active"
        for group in missing
    )
    return f"Nobody could satisfy this: it asks for {asked}. Give somebody the role first."


def counting_policy_approvals(change: PolicyChange) -> QuerySet[PolicyDecision]:
    """As `counting_approvals`: by the people of the policy that is in force; never its proposer."""
    return PolicyDecision.objects.filter(
        change=change,
        verdict=PolicyVerdict.APPROVE,
        replaced_at__isnull=True,
        decided_at__gt=expiry(change.before),
        person__is_active=True,
        person__role=F("role"),
        role__in=change.before.groups,
    ).exclude(person=change.proposed_by_id)


def policy_tally(change: PolicyChange) -> dict[str, int]:
    by_group = counting_policy_approvals(change).order_by().values_list("role")
    return dict(by_group.annotate(Count("pk")))


def _can_decide(user: User, change: PolicyChange, verb: str) -> Decision:
    if user.pk == change.proposed_by_id:
        return no("You proposed this change, so somebody else has to decide on it.")
    role = by_role(user, frozenset(Role(each.value) for each in change.before.groups), verb)
    if not role:
        return role
    if change.state != ChangeState.PENDING:
        return no(f"This change waits for nobody: it is {change.get_state_display().lower()}.")
    return YES


def can_approve_policy_change(user: User, change: PolicyChange) -> Decision:
    may = _can_decide(user, change, "approve changes of this policy")
    if may and counting_policy_approvals(change).filter(person=user).exists():
        return no("You have already approved this change.")
    return may


def can_reject_policy_change(user: User, change: PolicyChange) -> Decision:
    return _can_decide(user, change, "reject changes of this policy")


def can_withdraw_policy_change(user: User, change: PolicyChange) -> Decision:
    if user.pk != change.proposed_by_id:
        return no(f"Only {change.proposed_by.name}, who proposed this change, withdraws it.")
    if change.state != ChangeState.PENDING:
        return no(f"This change waits for nobody: it is {change.get_state_display().lower()}.")
    return YES
