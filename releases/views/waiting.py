"""What waits for one person: the set forms of `policy.can_approve` and its counts."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from accounts.models import User
from releases import policy, rollback_policy
from releases.models import (
    Authorship,
    ChangeState,
    Decision,
    Intake,
    PolicyChange,
    PolicyDecision,
    PolicyVerdict,
    Release,
    Rollback,
    RollbackState,
    Round,
    Verdict,
)
from releases.models.releases import ReleaseQuerySet
from releases.rules import Group

# In which column a group's rule stands.
ASKS = {Group.RELEASE_MANAGER: "managers_required", Group.SECURITY: "security_required"}


def waiting_for(user: User) -> ReleaseQuerySet:
    """Releases that this person may approve now, longest wait first. One query.

    Adds `asked_at` and the `summary` of what each changes.
    """
    if not user.is_active or user.role not in policy.GROUPS:
        return Release.objects.none()
    mine = Group(user.role)
    other = next(group for group in Group if group != mine)
    rounds = Round.objects.filter(release=OuterRef("pk"), number=OuterRef("round_number"))
    brought_in = Intake.objects.filter(
        Q(artifact=OuterRef("artifact")) | Q(artifact__code_sha256=OuterRef("candidate_code")),
        person=user,
    )
    authored = Authorship.objects.filter(release=OuterRef("pk"), person=user)
    decided = Decision.objects.annotate(expires_at=_expires_at("round__approval_days")).filter(
        round__release=OuterRef("pk"),
        round__number=OuterRef("round_number"),
        person=user,
        role=user.role,
        withdrawn_at__isnull=True,
        expires_at__gt=timezone.now(),
    )
    return (
        Release.objects.waiting_for_people()
        .annotate(
            candidate_code=Subquery(rounds.values_list(policy.candidate_code())),
            asked_at=Subquery(rounds.values("opened_at")),
            asked=_asked(mine),
            have=_counted(mine),
            others_asked=_asked(other),
            others_have=_counted(other),
            summary=Subquery(rounds.values("summary")),
        )
        .filter(asked__gt=0)
        .filter(Q(have__lt=F("asked")) | Q(others_have__gte=F("others_asked")))
        .exclude(requested_by=user)
        .exclude(Exists(brought_in))
        .exclude(Exists(authored))
        .exclude(Exists(decided))
        .order_by(F("asked_at").asc(nulls_last=True), "pk")
    )


def with_approvals(releases: ReleaseQuerySet) -> ReleaseQuerySet:
    """Adds `approvals` that count now (as `policy.counting_approvals`) and `approvals_needed`.

    More of a group than its rule asks for is no help, and not counted.
    """
    manager, security = Group.RELEASE_MANAGER, Group.SECURITY
    return releases.annotate(
        approvals=Least(_counted(manager), _asked(manager))
        + Least(_counted(security), _asked(security)),
        approvals_needed=_asked(manager) + _asked(security),
    )


def policy_changes_for(user: User) -> QuerySet[PolicyChange]:
    """Looser policies that this person may approve: as `can_approve_policy_change`. One query."""
    if not user.is_active or user.role not in policy.GROUPS:
        return PolicyChange.objects.none()
    approved = PolicyDecision.objects.annotate(
        expires_at=_expires_at("change__before_approval_days")
    ).filter(
        change=OuterRef("pk"),
        person=user,
        role=user.role,
        verdict=PolicyVerdict.APPROVE,
        replaced_at__isnull=True,
        expires_at__gt=timezone.now(),
    )
    asked = {f"before_{ASKS[Group(user.role)]}__gt": 0}
    pending = PolicyChange.objects.filter(state=ChangeState.PENDING, **asked)
    return (
        pending.exclude(proposed_by=user)
        .exclude(Exists(approved))
        .select_related("function__environment", "environment", "proposed_by")
        .order_by("pk")
    )


def rollbacks_for(user: User) -> QuerySet[Rollback]:
    """Rollbacks that this person may agree to: as `rollback_policy.can_second`. One query."""
    if not user.is_active or user.role not in rollback_policy.MANAGERS:
        return Rollback.objects.none()
    waiting = Rollback.objects.filter(state=RollbackState.WAITING).exclude(requested_by=user)
    return waiting.select_related("function__environment", "requested_by").order_by("pk")


def _expires_at(days: str) -> Combinable:
    lasting = ExpressionWrapper(F(days) * Value(timedelta(days=1)), output_field=DurationField())
    return ExpressionWrapper(F("decided_at") + lasting, output_field=DateTimeField())


def _asked(group: Group) -> Coalesce:
    """How many of a group the present round asks for, or the policy while there is no round."""
    column = ASKS[group]
    rounds = Round.objects.filter(release=OuterRef("pk"), number=OuterRef("round_number"))
    return Coalesce(
        Subquery(rounds.values(column)),
        # As `Function.rules`; empty where it has none of its own, which the database passes over.
        Greatest(f"function__{column}", f"function__environment__{column}"),
        output_field=IntegerField(),
    )


def _counted(group: Group) -> Coalesce:
    """How many approvals of a group count now."""
    brought_in = Intake.objects.filter(
        Q(artifact=OuterRef("round__release__artifact"))
        | Q(artifact__code_sha256=OuterRef("candidate_code")),
        person=OuterRef("person"),
    )
    authored = Authorship.objects.filter(
        release=OuterRef("round__release"), person=OuterRef("person")
    )
    decisions = Decision.objects.annotate(
        candidate_code=policy.candidate_code("round__parts"),
        expires_at=_expires_at("round__approval_days"),
    )
    counting = decisions.filter(
        Q(round__release=OuterRef("pk"), round__number=OuterRef("round_number")),
        ~Exists(brought_in),
        ~Exists(authored),
        ~Q(person=F("round__release__requested_by")),
        verdict=Verdict.APPROVE,
        withdrawn_at__isnull=True,
        fingerprint=F("round__fingerprint"),
        expires_at__gt=timezone.now(),
        person__is_active=True,
        person__role=F("role"),
        role=group,
    ).order_by()
    count = counting.values("round__release").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(count), 0, output_field=IntegerField())
