"""Who may do what. Every answer explains itself: it greys the button and is the body of the 403."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils import timezone

from accounts.models import Role, User
from releases.errors import NotAllowed
from releases.models import Comparison, Function, Intake, Release, Round, Verdict
from releases.models import Decision as DecisionRow
from releases.states import IN_FLIGHT, ReleaseState

APPROVERS = frozenset({Role.RELEASE_MANAGER})
REJECTERS = frozenset({Role.RELEASE_MANAGER, Role.SECURITY})
REQUESTERS = frozenset({Role.DEVELOPER, Role.RELEASE_MANAGER})


@dataclass(frozen=True)
class Decision:
    """Yes, or no with its reason in a sentence."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(True)


def no(reason: str) -> Decision:
    return Decision(False, reason)


def require(decision: Decision) -> None:
    """Raises NotAllowed with the reason if the decision is a no."""
    if not decision:
        raise NotAllowed(decision.reason)


def _role(user: User, roles: frozenset[Role], verb: str) -> Decision:
    if not user.is_active:
        return no("Your account is deactivated. Ask an administrator.")
    if user.role in roles:
        return YES
    who = " and ".join(sorted(f"{Role(role).label.lower()}s" for role in roles))
    return no(f"Only {who} {verb}. You are signed in as {Role(user.role).label.lower()}.")


def can_view(user: User) -> Decision:
    return YES if user.is_authenticated and user.is_active else no("Sign in first.")


def can_see_audit(user: User) -> Decision:
    return can_view(user)


def can_manage_environments(user: User) -> Decision:
    return _role(user, frozenset({Role.ADMINISTRATOR}), "manage environments")


def can_add_function(user: User) -> Decision:
    roles = frozenset({Role.RELEASE_MANAGER, Role.ADMINISTRATOR})
    return _role(user, roles, "add functions")


def can_change_function(user: User, function: Function) -> Decision:
    roles = frozenset({Role.RELEASE_MANAGER, Role.ADMINISTRATOR})
    return _role(user, roles, "change a function's settings")


def can_refresh_function(user: User, function: Function) -> Decision:
    roles = REQUESTERS | {Role.ADMINISTRATOR}
    return _role(user, roles, "read a function from AWS")


def can_create_release(user: User, function: Function) -> Decision:
    return _role(user, REQUESTERS, "request releases")


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


def expiry() -> datetime:
    """What was decided at this moment or before has expired by now."""
    return timezone.now() - timedelta(days=settings.SLUICE_APPROVAL_DAYS)


def counting_approvals(round_: Round) -> QuerySet[DecisionRow]:
    """The approvals that count now: right fingerprint, not withdrawn, not expired, and given by
    somebody who is active, still has the role, and is no author of the release."""
    return DecisionRow.objects.filter(
        round=round_,
        verdict=Verdict.APPROVE,
        withdrawn_at__isnull=True,
        fingerprint=round_.fingerprint,
        decided_at__gt=expiry(),
        person__is_active=True,
        person__role__in=sorted(APPROVERS),
    ).exclude(person_id__in=list(authors_of(round_.release)))


def eligible_approvers(release: Release) -> QuerySet[User]:
    """Who could still approve this release."""
    return User.objects.filter(is_active=True, role__in=sorted(APPROVERS)).exclude(
        pk__in=list(authors_of(release))
    )


def can_approve(user: User, release: Release) -> Decision:
    role = _role(user, APPROVERS, "approve releases")
    if not role:
        return role
    because = authors_of(release).get(user.pk)
    if because:
        return no(f"You {because}, so your approval does not count. Somebody else has to approve.")
    if release.state != ReleaseState.AWAITING_APPROVAL:
        state = ReleaseState(release.state).label.lower()
        return no(f"{release.reference} is not waiting for approval: it is {state}.")
    round_ = release.current_round
    standing = {"person": user, "withdrawn_at": None, "decided_at__gt": expiry()}
    if round_ and round_.decisions.filter(**standing).exists():
        return no("You have already decided on this round.")
    return YES


def can_reject(user: User, release: Release) -> Decision:
    role = _role(user, REJECTERS, "reject releases")
    if not role:
        return role
    if release.state not in (ReleaseState.AWAITING_APPROVAL, ReleaseState.APPROVED):
        state = ReleaseState(release.state).label.lower()
        return no(f"{release.reference} cannot be rejected any more: it is {state}.")
    return YES


def can_withdraw_approval(user: User, release: Release) -> Decision:
    if release.state not in (ReleaseState.AWAITING_APPROVAL, ReleaseState.APPROVED):
        return no("An approval can be withdrawn until publishing begins.")
    round_ = release.current_round
    given = round_ and round_.decisions.filter(
        person=user, verdict=Verdict.APPROVE, withdrawn_at__isnull=True
    )
    return YES if given and given.exists() else no("You have not approved this round.")


def _owner_or_manager(user: User, release: Release, verb: str) -> Decision:
    if user.pk == release.requested_by_id:
        return _role(user, REQUESTERS, verb)
    return _role(user, frozenset({Role.RELEASE_MANAGER}), f"or its requester {verb}")


def can_cancel(user: User, release: Release) -> Decision:
    cancellable = (IN_FLIGHT | {ReleaseState.QUEUED, ReleaseState.DRAFT}) - {
        ReleaseState.STAGING,
        ReleaseState.PUBLISHING,
        ReleaseState.WITHDRAWING,
    }
    if release.state not in cancellable:
        state = ReleaseState(release.state).label.lower()
        return no(f"{release.reference} cannot be cancelled while it is {state}.")
    return _owner_or_manager(user, release, "cancel it")


def can_retry(user: User, release: Release) -> Decision:
    if release.state != ReleaseState.FAILED:
        return no(f"{release.reference} has not failed, so there is nothing to retry.")
    return _owner_or_manager(user, release, "retry it")


def can_resolve_conflict(user: User, release: Release) -> Decision:
    if release.state != ReleaseState.CONFLICT:
        return no(f"{release.reference} is not in conflict.")
    return _owner_or_manager(user, release, "resolve its conflict")


def can_compare_again(user: User, release: Release, round_: Round | None) -> Decision:
    if round_ is None or round_.comparison != Comparison.FAILED:
        return no(f"{release.reference} has no comparison that failed.")
    roles = REQUESTERS | REJECTERS | {Role.ADMINISTRATOR}
    return _role(user, roles, "have a release compared once more")


def can_stage_again(user: User, release: Release) -> Decision:
    if release.artifact_id is None:
        return no(
            f"{release.reference} has no package of its own to stage."
            " Adopt what is in AWS and review it, or cancel."
        )
    return can_resolve_conflict(user, release)
