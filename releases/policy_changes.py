"""Who may change an approval policy: it is a way round the gate, so it has a gate of its own."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, QuerySet

from accounts.models import Role, User
from releases.models import (
    ChangeState,
    Environment,
    Function,
    PolicyChange,
    PolicyDecision,
    PolicyVerdict,
    role_of,
)
from releases.models.roles import has_still, has_still_in, people_with_any
from releases.policy import YES, Decision, by_right, by_role, expiry, matrix, no
from releases.rules import Rules
from releases.rules import people as so_many


def can_propose_policy_change(user: User, subject: Function | Environment) -> Decision:
    return by_right(user, matrix.PROPOSE, subject)


def too_few(rules: Rules, subject: Function | Environment) -> str:
    """Why nobody could satisfy these rules, or nothing; everybody has one role for a function and
    counts once.

    Those of an environment are satisfied function by function, where its own people are too few.
    """
    people = _people(rules)
    problem = _too_few(rules, subject, people)
    if not problem or isinstance(subject, Function):
        return problem
    functions = Function.objects.filter(environment=subject)
    each_has = [_too_few(rules, function, people) for function in functions]
    return next(filter(None, each_has), "") if each_has else problem


def too_few_to_decide(rules: Rules, subject: Function | Environment) -> str:
    """As `too_few`, for a change of the policy itself."""
    return _too_few(rules, subject, _people(rules))


def _people(rules: Rules) -> list[User]:
    return people_with_any({*rules.groups, Role.RELEASE_MANAGER})


def _too_few(rules: Rules, subject: Function | Environment, people: list[User]) -> str:
    have = Counter(role_of(each, subject) for each in people)
    if rules.rollback > 1 and have[Role.RELEASE_MANAGER] < rules.rollback:
        return "Nobody could roll back: it would take two release managers who are active."
    missing = rules.missing({role.value: count for role, count in have.items()})
    if not missing:
        return ""
    asked = " and ".join(
        f"{so_many(rules.needs(group), group)} where {have[Role(group.value)]}"
        f" {'is' if have[Role(group.value)] == 1 else 'are'} active"
        for group in missing
    )
    return f"Nobody could satisfy this: it asks for {asked}. Give somebody the role first."


def counting_policy_approvals(change: PolicyChange) -> QuerySet[PolicyDecision]:
    """As `counting_approvals`: by the people of the policy that is in force; never its proposer."""
    still = (
        has_still("role", "person", "change__function")
        if change.function_id
        else has_still_in("role", "person", "change__environment")
    )
    return PolicyDecision.objects.filter(
        still,
        change=change,
        verdict=PolicyVerdict.APPROVE,
        replaced_at__isnull=True,
        decided_at__gt=expiry(change.before),
        person__is_active=True,
        role__in=change.before.groups,
    ).exclude(person=change.proposed_by_id)


def policy_tally(change: PolicyChange) -> dict[str, int]:
    by_group = counting_policy_approvals(change).order_by().values_list("role")
    return dict(by_group.annotate(Count("pk")))


def _can_decide(user: User, change: PolicyChange, verb: str) -> Decision:
    if user.pk == change.proposed_by_id:
        return no("You proposed this change, so somebody else has to decide on it.")
    role = by_role(
        user, frozenset(Role(each.value) for each in change.before.groups), verb, change.subject
    )
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
