"""Who may decide on a release at its gate."""

from __future__ import annotations

from accounts.models import Role, User
from releases.models import Release, Round, Verdict, role_of
from releases.policy import matrix
from releases.policy.approvals import authors_of, expiry, rules_of, tally
from releases.policy.decision import YES, Decision, by_right, by_role, no, not_now, several
from releases.rules import Group, people
from releases.states import Gate, ReleaseState


def can_approve(user: User, release: Release) -> Decision:
    return can_approve_round(user, release, release.current_round)


def can_approve_round(user: User, release: Release, round_: Round | None) -> Decision:
    """As `can_approve`, where the release's present round was read already."""
    rules = rules_of(release, round_)
    asked = frozenset(Role(each.value) for each in rules.groups)
    may = by_role(user, asked, matrix.APPROVE.verb, release.function)
    role = role_of(user, release.function)
    if not may:
        # Somebody of a group that this policy does not ask is told so.
        of_a_group = user.is_active and role in matrix.APPROVE.roles
        return no(f"{may.reason} This one needs {rules.who}.") if of_a_group else may
    authors = authors_of(release, round_)
    because = authors.get(user.pk)
    if because:
        return no(f"You {because}, so your approval does not count. Somebody else has to approve.")
    if release.state != ReleaseState.AWAITING_APPROVAL:
        state = ReleaseState(release.state).label.lower()
        return not_now(f"{release.reference} is not waiting for approval: it is {state}.")
    if round_ is None:
        return YES
    standing = round_.decisions.filter(person=user, withdrawn_at=None, role=role)
    if standing.filter(decided_at__gt=expiry(rules)).exists():
        return no("You have already decided on this round.")
    missing = rules.missing(tally(round_, authors))
    if missing and Group(role.value) not in missing:
        others = " and ".join(people(count, group) for group, count in missing.items())
        return no(f"Enough {several(role)} have approved it. Still missing: {others}.")
    return YES


def can_reject(user: User, release: Release) -> Decision:
    role = by_right(user, matrix.REJECT, release.function)
    if not role:
        return role
    if release.state not in (ReleaseState.AWAITING_APPROVAL, ReleaseState.APPROVED):
        state = ReleaseState(release.state).label.lower()
        return not_now(f"{release.reference} cannot be rejected any more: it is {state}.")
    return YES


def can_withdraw_approval(user: User, release: Release) -> Decision:
    at_the_gate = (ReleaseState.AWAITING_APPROVAL, ReleaseState.APPROVED)
    # What is reviewed first is staged on its way to publishing, which asks for approvals again.
    staged_after = release.gate == Gate.REVIEW_FIRST and release.state == ReleaseState.STAGING
    if release.state not in at_the_gate and not staged_after:
        return not_now("An approval can be withdrawn until publishing begins.")
    round_ = release.current_round
    given = round_ and round_.decisions.filter(
        person=user, verdict=Verdict.APPROVE, withdrawn_at__isnull=True
    )
    return YES if given and given.exists() else no("You have not approved this round.")
