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

from accounts.models import Role, User
from releases import policy
from releases.models import (
    Authorship,
    ChangeState,
    Decision,
    Environment,
    Intake,
    PolicyChange,
    PolicyDecision,
    PolicyVerdict,
    Release,
    Rollback,
    RollbackState,
    Round,
    Verdict,
    role_in,
    roles_of,
    with_role,
)
from releases.models.grants import grants_of
from releases.models.releases import ReleaseQuerySet
from releases.models.roles import has_still
from releases.policy import matrix
from releases.rules import Group

# In which column a group's rule stands.
ASKS = {Group.RELEASE_MANAGER: "managers_required", Group.SECURITY: "security_required"}


def groups_of(user: User) -> list[Group]:
    """The groups of a gate that this person belongs to, for something."""
    roles = roles_of(user) if user.is_active else set()
    return [group for group in Group if group.value in roles]


def waiting_for(user: User) -> ReleaseQuerySet:
    """Releases that this person may approve now, longest wait first. One query."""
    groups = groups_of(user)
    if not groups:
        return Release.objects.none()
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
        withdrawn_at__isnull=True,
        expires_at__gt=timezone.now(),
    )
    theirs = Q(pk__in=[])
    for mine in groups:
        other = next(group for group in Group if group != mine)
        theirs |= (
            Q(**{f"{mine}_asked__gt": 0})
            & (
                Q(**{f"{mine}_have__lt": F(f"{mine}_asked")})
                | Q(**{f"{other}_have__gte": F(f"{other}_asked")})
            )
            & ~Q(Exists(decided.filter(role=mine)))
            & with_role(user, [Role(mine.value)], "function__")
        )
    return (
        Release.objects.waiting_for_people()
        .annotate(
            candidate_code=Subquery(rounds.values_list(policy.candidate_code())),
            asked_at=Subquery(rounds.values("opened_at")),
            **{f"{group}_asked": _asked(group) for group in Group},
            **{f"{group}_have": _counted(group) for group in Group},
        )
        .filter(theirs)
        .exclude(requested_by=user)
        .exclude(Exists(brought_in))
        .exclude(Exists(authored))
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
    groups = groups_of(user)
    if not groups:
        return PolicyChange.objects.none()
    approved = PolicyDecision.objects.annotate(
        expires_at=_expires_at("change__before_approval_days")
    ).filter(
        change=OuterRef("pk"),
        person=user,
        verdict=PolicyVerdict.APPROVE,
        replaced_at__isnull=True,
        expires_at__gt=timezone.now(),
    )
    theirs = Q(pk__in=[])
    for group in groups:
        role = Role(group.value)
        theirs |= (
            Q(**{f"before_{ASKS[group]}__gt": 0})
            & ~Q(Exists(approved.filter(role=group)))
            & (
                Q(function__isnull=False) & with_role(user, [role], "function__")
                | Q(environment__isnull=False) & _environments_with(user, role)
            )
        )
    return (
        PolicyChange.objects.filter(theirs, state=ChangeState.PENDING)
        .exclude(proposed_by=user)
        .select_related("function__environment", "environment", "proposed_by")
        .order_by("pk")
    )


def rollbacks_for(user: User) -> QuerySet[Rollback]:
    """Rollbacks that this person may agree to: as `rollback_policy.can_second`. One query."""
    if not user.is_active or not roles_of(user) & matrix.ROLL_BACK.roles:
        return Rollback.objects.none()
    theirs = with_role(user, matrix.ROLL_BACK.roles, "function__")
    waiting = Rollback.objects.filter(theirs, state=RollbackState.WAITING)
    # One that was asked for while something else was live can only be withdrawn.
    live = F("function__live_version")
    of_now = Q(from_version=live) | Q(from_version=None, function__live_version=None)
    waiting = waiting.filter(of_now).exclude(requested_by=user)
    return waiting.select_related("function__environment", "requested_by").order_by("pk")


def _environments_with(user: User, role: Role) -> Q:
    """Environments for which this person's role is `role`."""
    if not user.has_grants:
        return Q()
    given = {each.environment_id for each in grants_of(user) if each.environment_id}
    found = [pk for pk in given if role_in(user, Environment(pk=pk)) == role]
    if user.role != role:
        return Q(environment__in=found)
    return Q(environment__in=found) | ~Q(environment__in=given)


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
        has_still("role", "person", "round__release__function"),
        verdict=Verdict.APPROVE,
        withdrawn_at__isnull=True,
        fingerprint=F("round__fingerprint"),
        expires_at__gt=timezone.now(),
        person__is_active=True,
        role=group,
    ).order_by()
    count = counting.values("round__release").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(count), 0, output_field=IntegerField())
