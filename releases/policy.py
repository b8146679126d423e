"""Who may do what. Every answer explains itself: it greys the button and is the body of the 403."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from accounts.models import Role, User
from releases.errors import NotAllowed
from releases.models import (
    CodeComparison,
    Comment,
    Comparison,
    Function,
    Intake,
    Release,
    Round,
    Verdict,
)
from releases.models import Decision as DecisionRow
from releases.rules import NOUNS, Group, Rules, people
from releases.states import FINAL, IN_FLIGHT, Gate, ReleaseState

GROUPS = frozenset(Role(group.value) for group in Group)
REJECTERS = GROUPS
REQUESTERS = frozenset({Role.DEVELOPER, Role.RELEASE_MANAGER})
COMPARERS = REQUESTERS | REJECTERS | {Role.ADMINISTRATOR}
COMMENTERS = frozenset(Role) - {Role.VIEWER, Role.AUDITOR}


@dataclass(frozen=True)
class Decision:
    """Yes, or no with its reason in a sentence.

    `is_passing`: only the moment is wrong, not the person.
    """

    allowed: bool
    reason: str = ""
    is_passing: bool = False

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(True)


def no(reason: str) -> Decision:
    return Decision(False, reason)


def not_now(reason: str) -> Decision:
    return Decision(False, reason, is_passing=True)


def require(decision: Decision) -> None:
    """Raises NotAllowed with the reason if the decision is a no."""
    if not decision:
        raise NotAllowed(decision.reason)


def by_role(user: User, roles: frozenset[Role], verb: str) -> Decision:
    if not user.is_active:
        return no("Your account is deactivated. Ask an administrator.")
    if user.role in roles:
        return YES
    who = " and ".join(sorted(several(role) for role in roles))
    return no(f"Only {who} {verb}. You are signed in as {Role(user.role).label.lower()}.")


def several(role: str) -> str:
    return NOUNS[Group(role)][1] if role in Group.values else f"{Role(role).label.lower()}s"


def can_view(user: User) -> Decision:
    return YES if user.is_authenticated and user.is_active else no("Sign in first.")


def can_see_audit(user: User) -> Decision:
    return can_view(user)


def can_manage_environments(user: User) -> Decision:
    return by_role(user, frozenset({Role.ADMINISTRATOR}), "manage environments")


def can_add_function(user: User) -> Decision:
    roles = frozenset({Role.RELEASE_MANAGER, Role.ADMINISTRATOR})
    return by_role(user, roles, "add functions")


def can_change_function(user: User, function: Function) -> Decision:
    roles = frozenset({Role.RELEASE_MANAGER, Role.ADMINISTRATOR})
    return by_role(user, roles, "change a function's settings")


def can_refresh_function(user: User, function: Function) -> Decision:
    roles = REQUESTERS | {Role.ADMINISTRATOR}
    return by_role(user, roles, "read a function from AWS")


def can_create_release(user: User, function: Function) -> Decision:
    return by_role(user, REQUESTERS, "request releases")


def candidate_code(parts: str = "parts") -> KeyTextTransform:
    """In a query, the CodeSha256 that a round reviews; `parts` is the way to the round's parts."""
    return KeyTextTransform("code_sha256", KeyTransform("candidate", parts))


def authors_of(release: Release) -> dict[int, str]:
    """Everyone whose approval of this release never counts, by person id, with the reason."""
    authors: dict[int, str] = {release.requested_by_id: "requested this release"}
    round_ = Round.objects.filter(release=release, number=release.round_number)
    # Adopted, or `$LATEST` as it stands: there is no artifact, but the bytes came from somebody.
    same_bytes = Q(artifact__code_sha256__in=round_.values_list(candidate_code()))
    known = Q(artifact=release.artifact_id) if release.artifact_id else Q()
    intakes = Intake.objects.filter(known | same_bytes)
    for person in intakes.values_list("person_id", flat=True).distinct():
        authors.setdefault(person, "brought in these bytes")
    for row in release.authorships.all():
        authors[row.person_id] = row.because
    return authors


def expiry(rules: Rules) -> datetime:
    """What was decided at this moment or before has expired by now."""
    return timezone.now() - timedelta(days=rules.days)


def rules_of(release: Release, round_: Round | None) -> Rules:
    """What its present round asks for; the function's policy while there is none."""
    return round_.rules if round_ else release.function.rules


def counting_approvals(
    round_: Round, authors: Iterable[int] | None = None
) -> QuerySet[DecisionRow]:
    """The approvals that count now: right fingerprint, not withdrawn, not expired, and given by
    somebody who is active, still has the role they gave it in, and is no author of the release.

    `authors` saves asking for them once more.
    """
    never = authors_of(round_.release) if authors is None else authors
    return DecisionRow.objects.filter(
        round=round_,
        verdict=Verdict.APPROVE,
        withdrawn_at__isnull=True,
        fingerprint=round_.fingerprint,
        decided_at__gt=expiry(round_.rules),
        person__is_active=True,
        person__role=F("role"),
        role__in=round_.rules.groups,
    ).exclude(person_id__in=list(never))


def tally(round_: Round, authors: Iterable[int] | None = None) -> dict[str, int]:
    """How many approvals of each group count now."""
    by_group = counting_approvals(round_, authors).order_by().values_list("role")
    return dict(by_group.annotate(Count("pk")))


def enough_approvals(round_: Round) -> bool:
    return round_.rules.met_by(tally(round_))


def why_not(decision: DecisionRow, round_: Round, authors: dict[int, str]) -> str:
    """Why an approval of this round does not count now, as the end of a sentence about it."""
    person = decision.person
    if decision.fingerprint != round_.fingerprint:
        return "was given for another fingerprint"
    if decision.decided_at <= expiry(round_.rules):
        return "has expired"
    if not person.is_active:
        return f"does not count: {person.name} is deactivated"
    if person.role != decision.role:
        return f"does not count: {person.name} is no longer {_one(decision.role)}"
    if decision.role not in round_.rules.groups:
        return f"does not count: {several(decision.role)} are not asked"
    because = authors.get(person.pk)
    return f"does not count: {person.name} {because}" if because else ""


def _one(role: str) -> str:
    return {"release_manager": "a release manager", "security": "in security"}[role]


def lapsed_approvals(round_: Round) -> dict[str, str]:
    """Whose approval was given and does not count any more, and why."""
    given = round_.decisions.filter(verdict=Verdict.APPROVE, withdrawn_at__isnull=True)
    authors = authors_of(round_.release)
    reasons = {
        each.person.name: why_not(each, round_, authors) for each in given.select_related("person")
    }
    return {name: reason for name, reason in reasons.items() if reason}


def eligible_approvers(rules: Rules, authors: Iterable[int]) -> QuerySet[User]:
    """Who could approve a release of these authors at all."""
    active = User.objects.filter(is_active=True, role__in=rules.groups)
    return active.exclude(pk__in=list(authors))


def can_approve(user: User, release: Release) -> Decision:
    round_ = release.current_round
    rules = rules_of(release, round_)
    role = by_role(user, frozenset(Role(each.value) for each in rules.groups), "approve releases")
    if not role:
        # Somebody of a group that this policy does not ask is told so.
        of_a_group = user.is_active and user.role in GROUPS
        return no(f"{role.reason} This one needs {rules.who}.") if of_a_group else role
    authors = authors_of(release)
    because = authors.get(user.pk)
    if because:
        return no(f"You {because}, so your approval does not count. Somebody else has to approve.")
    if release.state != ReleaseState.AWAITING_APPROVAL:
        state = ReleaseState(release.state).label.lower()
        return not_now(f"{release.reference} is not waiting for approval: it is {state}.")
    if round_ is None:
        return YES
    standing = round_.decisions.filter(person=user, withdrawn_at=None, role=user.role)
    if standing.filter(decided_at__gt=expiry(rules)).exists():
        return no("You have already decided on this round.")
    missing = rules.missing(tally(round_, authors))
    if missing and Group(user.role) not in missing:
        others = " and ".join(people(count, group) for group, count in missing.items())
        return no(f"Enough {several(user.role)} have approved it. Still missing: {others}.")
    return YES


def can_reject(user: User, release: Release) -> Decision:
    role = by_role(user, REJECTERS, "reject releases")
    if not role:
        return role
    if release.state not in (ReleaseState.AWAITING_APPROVAL, ReleaseState.APPROVED):
        state = ReleaseState(release.state).label.lower()
        return not_now(f"{release.reference} cannot be rejected any more: it is {state}.")
    return YES


def can_withdraw_approval(user: User, release: Release) -> Decision:
    if release.state not in (ReleaseState.AWAITING_APPROVAL, ReleaseState.APPROVED):
        return not_now("An approval can be withdrawn until publishing begins.")
    round_ = release.current_round
    given = round_ and round_.decisions.filter(
        person=user, verdict=Verdict.APPROVE, withdrawn_at__isnull=True
    )
    return YES if given and given.exists() else no("You have not approved this round.")


def can_comment(user: User, release: Release) -> Decision:
    """Everybody who takes part, in any state: what is learned later belongs there, too."""
    if not user.is_active or user.role in COMMENTERS:
        return by_role(user, COMMENTERS, "comment")
    who = Role(user.role).label.lower()
    return no(f"You read along as {who}. Ask an administrator for a role that takes part.")


def can_remove_comment(user: User, comment: Comment) -> Decision:
    if user.pk != comment.author_id:
        return no("Only its author can remove a comment.")
    if comment.removed_at is not None:
        return no("This comment is removed already.")
    return YES if user.is_active else no("Your account is deactivated. Ask an administrator.")


def _owner_or_manager(user: User, release: Release, verb: str) -> Decision:
    if user.pk == release.requested_by_id:
        return by_role(user, REQUESTERS, verb)
    return by_role(user, frozenset({Role.RELEASE_MANAGER}), f"or its requester {verb}")


def can_cancel(user: User, release: Release) -> Decision:
    cancellable = (IN_FLIGHT | {ReleaseState.QUEUED, ReleaseState.DRAFT}) - {
        ReleaseState.STAGING,
        ReleaseState.PUBLISHING,
        ReleaseState.WITHDRAWING,
    }
    if release.state not in cancellable:
        state = ReleaseState(release.state).label.lower()
        return not_now(f"{release.reference} cannot be cancelled while it is {state}.")
    return _owner_or_manager(user, release, "cancel it")


def can_request_draft(user: User, release: Release) -> Decision:
    if release.state != ReleaseState.DRAFT:
        return no(f"{release.reference} is no draft any more.")
    if user.pk != release.requested_by_id:
        return no(f"Only {release.requested_by.name}, whose draft this is, can request it.")
    return can_create_release(user, release.function)


# Not approved yet, and not at work either: what a newer release may take the place of.
SUPERSEDABLE = frozenset(
    {
        ReleaseState.QUEUED,
        ReleaseState.AWAITING_APPROVAL,
        ReleaseState.FAILED,
        ReleaseState.CONFLICT,
    }
)


def can_supersede(user: User, release: Release, older: Release) -> Decision:
    """Whoever may cancel the older one may let a newer one of its queue take its place."""
    if release.state != ReleaseState.QUEUED:
        state = ReleaseState(release.state).label.lower()
        return no(f"{release.reference} does not wait in the queue any more: it is {state}.")
    if older.function_id != release.function_id or older.pk >= release.pk:
        return no("Only an older release of the same function can be superseded.")
    if older.state not in SUPERSEDABLE:
        state = ReleaseState(older.state).label.lower()
        return no(f"{older.reference} cannot be superseded any more: it is {state}.")
    return can_cancel(user, older)


def can_reschedule(user: User, release: Release) -> Decision:
    """Until publishing starts; where review comes first, that is when staging does."""
    begun = {ReleaseState.PUBLISHING, ReleaseState.WITHDRAWING} | FINAL
    if release.gate == Gate.REVIEW_FIRST:
        begun |= {ReleaseState.STAGING}
    if release.state in begun:
        state = ReleaseState(release.state).label.lower()
        return no(f"{release.reference} cannot be rescheduled any more: it is {state}.")
    return _owner_or_manager(user, release, "reschedule it")


def can_retry(user: User, release: Release) -> Decision:
    if release.state != ReleaseState.FAILED:
        return not_now(f"{release.reference} has not failed, so there is nothing to retry.")
    return _owner_or_manager(user, release, "retry it")


def can_resolve_conflict(user: User, release: Release) -> Decision:
    if release.state != ReleaseState.CONFLICT:
        return not_now(f"{release.reference} is not in conflict.")
    return _owner_or_manager(user, release, "resolve its conflict")


def can_compare_again(user: User, release: Release, round_: Round | None) -> Decision:
    if round_ is None or round_.comparison != Comparison.FAILED:
        return no(f"{release.reference} has no comparison that failed.")
    return by_role(user, COMPARERS, "have a release compared once more")


def can_compare_code_again(user: User, row: CodeComparison) -> Decision:
    if row.comparison != Comparison.FAILED:
        return not_now("This comparison has not failed, so there is nothing to try again.")
    return by_role(user, COMPARERS, "have code compared once more")


def can_stage_again(user: User, release: Release) -> Decision:
    if release.artifact_id is None:
        return no(
            f"{release.reference} has no package of its own to stage."
            " Adopt what is in AWS and review it, or cancel."
        )
    return can_resolve_conflict(user, release)
