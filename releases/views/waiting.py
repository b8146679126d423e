"""Which releases wait for one person: the set form of `policy.can_approve` and its counts."""

from __future__ import annotations

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from releases import policy
from releases.models import Authorship, Decision, Intake, Release, Round, Verdict
from releases.models.releases import ReleaseQuerySet


def waiting_for(user: User) -> ReleaseQuerySet:
    """Releases that this person may approve now, longest wait first. One query.

    Adds `asked_at` and the `summary` of what each changes.
    """
    if not user.is_active or user.role not in policy.APPROVERS:
        return Release.objects.none()
    rounds = Round.objects.filter(release=OuterRef("pk"), number=OuterRef("round_number"))
    brought_in = Intake.objects.filter(
        Q(artifact=OuterRef("artifact")) | Q(artifact__code_sha256=OuterRef("candidate_code")),
        person=user,
    )
    authored = Authorship.objects.filter(release=OuterRef("pk"), person=user)
    decided = Decision.objects.filter(
        round__release=OuterRef("pk"),
        round__number=OuterRef("round_number"),
        person=user,
        withdrawn_at__isnull=True,
        decided_at__gt=policy.expiry(),
    )
    return (
        Release.objects.waiting_for_people()
        .annotate(
            candidate_code=Subquery(rounds.values_list(policy.candidate_code())),
            asked_at=Subquery(rounds.values("opened_at")),
            summary=Subquery(rounds.values("summary")),
        )
        .exclude(requested_by=user)
        .exclude(Exists(brought_in))
        .exclude(Exists(authored))
        .exclude(Exists(decided))
        .order_by(F("asked_at").asc(nulls_last=True), "pk")
    )


def with_approvals(releases: ReleaseQuerySet) -> ReleaseQuerySet:
    """Adds `approvals` that count now (as `policy.counting_approvals`) and `approvals_needed`."""
    brought_in = Intake.objects.filter(
        Q(artifact=OuterRef("round__release__artifact"))
        | Q(artifact__code_sha256=OuterRef("candidate_code")),
        person=OuterRef("person"),
    )
    authored = Authorship.objects.filter(
        release=OuterRef("round__release"), person=OuterRef("person")
    )
    decisions = Decision.objects.annotate(candidate_code=policy.candidate_code("round__parts"))
    counting = decisions.filter(
        Q(round__release=OuterRef("pk"), round__number=OuterRef("round_number")),
        ~Exists(brought_in),
        ~Exists(authored),
        ~Q(person=F("round__release__requested_by")),
        verdict=Verdict.APPROVE,
        withdrawn_at__isnull=True,
        fingerprint=F("round__fingerprint"),
        decided_at__gt=policy.expiry(),
        person__is_active=True,
        person__role__in=sorted(policy.APPROVERS),
    ).order_by()
    count = counting.values("round__release").annotate(count=Count("pk")).values("count")
    needed = Round.objects.filter(release=OuterRef("pk"), number=OuterRef("round_number"))
    return releases.annotate(
        approvals=Coalesce(Subquery(count), 0),
        approvals_needed=Coalesce(
            Subquery(needed.values("approvals_required")), "function__approvals_required"
        ),
    )
