"""What the dashboard shows: one function a section, each a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, Subquery

from accounts.models import User
from releases.holds import open_everywhere, open_freezes
from releases.models import (
    Decision,
    Drift,
    Environment,
    Hold,
    Release,
    Rollback,
    Round,
    Step,
    Verdict,
)
from releases.models.drifts import DriftQuerySet
from releases.models.holds import UNDECIDED
from releases.models.releases import ReleaseQuerySet
from releases.states import IN_FLIGHT, NEEDS_ATTENTION, ReleaseState
from releases.views.rail import Stop, rail
from releases.views.waiting import groups_of, policy_changes_for, rollbacks_for
from releases.views.waiting_kept import approvals_of, ids_waiting_for

ROWS = 50
RECENT = 8


@dataclass
class Moving:
    """A release under way, the step it is at, and its rail."""

    release: Release
    stops: list[Stop]
    step: Step | None


@dataclass
class Stuck:
    """A failed or conflicting release and the queued ones of its function that it holds up."""

    release: Release
    blocked: list[Release] = field(default_factory=list)


def board_for(user: User, environment: Environment | None) -> dict[str, Any]:
    """The context of the dashboard's sections."""
    releases = Release.objects.visible_to(user).for_list()
    changes = policy_changes_for(user)
    if environment:
        releases = releases.filter(function__environment=environment)
        here = Q(environment=environment) | Q(function__environment=environment)
        changes = changes.filter(here)
    seconds, holds, rollbacks = _still(user, environment)
    mine = list(_mine(releases, ids_waiting_for(user))[:ROWS])
    moving_states = (IN_FLIGHT | {ReleaseState.QUEUED}) - NEEDS_ATTENTION
    others = releases.filter(state__in=moving_states).exclude(pk__in=[each.pk for each in mine])
    moving = list(others.prefetch_related("steps")[:ROWS])
    proposed = list(changes[:ROWS])
    drifts = _drifts(user, environment)
    return {
        "mine": mine,
        "decides": bool(groups_of(user)),
        "policy_changes": proposed,
        "seconds": seconds,
        "decision_count": len(mine) + len(proposed) + len(seconds),
        "held_count": len(holds) + len(rollbacks),
        "freezes": open_freezes(environment.pk) if environment else open_everywhere(user),
        "holds": holds,
        "rollbacks": rollbacks,
        "moving": _moving(moving),
        "approvals": approvals_of([each.pk for each in [*mine, *moving] if _is_asked_for(each)]),
        "stuck": _stuck(releases.needs_attention().order_by("-changed_at")[:ROWS]),
        "drifts": drifts,
        "drift_count": len(drifts)
        if len(drifts) < ROWS
        else _open_drifts(user, environment).count(),
        "recent": list(_recent(releases)[:RECENT]),
        "environment": environment,
    }


def _mine(releases: ReleaseQuerySet, ids: list[int]) -> ReleaseQuerySet:
    """Those of `ids` that still wait, longest wait first; adds `asked_at` and the `summary`."""
    rounds = Round.objects.filter(release=OuterRef("pk"), number=OuterRef("round_number"))
    rows = releases.waiting_for_people().filter(pk__in=ids)
    asked_at, summary = Subquery(rounds.values("opened_at")), Subquery(rounds.values("summary"))
    return rows.annotate(asked_at=asked_at, summary=summary).order_by(
        F("asked_at").asc(nulls_last=True), "pk"
    )


def _is_asked_for(release: Release) -> bool:
    return release.state == ReleaseState.AWAITING_APPROVAL


def _open_drifts(user: User, environment: Environment | None) -> DriftQuerySet:
    """Not of functions whose release is in conflict about it: that is the row to act on."""
    conflicts = Release.objects.filter(function=OuterRef("function"), state=ReleaseState.CONFLICT)
    found = Drift.objects.visible_to(user).open().exclude(Exists(conflicts))
    return found.filter(function__environment=environment) if environment else found


def _drifts(user: User, environment: Environment | None) -> list[Drift]:
    return list(_open_drifts(user, environment).for_page().order_by("-moved_at")[:ROWS])


def _still(
    user: User, environment: Environment | None
) -> tuple[list[Rollback], list[Hold], list[Rollback]]:
    """Rollbacks that wait for this person, functions on hold, and rollbacks under way."""
    seconds = rollbacks_for(user)
    holds = Hold.objects.visible_to(user).filter(ended_at=None)
    under_way = Rollback.objects.visible_to(user).filter(state__in=UNDECIDED)
    related = ("function__environment", "requested_by")
    if environment:
        here = Q(function__environment=environment)
        seconds, holds, under_way = (
            seconds.filter(here), holds.filter(here), under_way.filter(here)
        )  # fmt: skip
    return (
        list(seconds[:ROWS]),
        list(holds.select_related("function__environment", "placed_by")[:ROWS]),
        list(under_way.select_related(*related)[:ROWS]),
    )


def _moving(releases: Iterable[Release]) -> list[Moving]:
    found = []
    for release in releases:
        steps = list(release.steps.all())
        of_now = [step for step in steps if step.round_number == release.round_number]
        found.append(Moving(release, rail(release, steps), of_now[-1] if of_now else None))
    return found


def _stuck(releases: Iterable[Release]) -> list[Stuck]:
    rows = [Stuck(release) for release in releases]
    queued = Release.objects.filter(
        state=ReleaseState.QUEUED, function__in=[row.release.function_id for row in rows]
    ).select_related("requested_by")
    by_function: dict[int, list[Release]] = defaultdict(list)
    for release in queued:
        by_function[release.function_id].append(release)
    for row in rows:
        row.blocked = by_function[row.release.function_id]
    return rows


def _recent(releases: ReleaseQuerySet) -> ReleaseQuerySet:
    approvals = Decision.objects.filter(
        verdict=Verdict.APPROVE, withdrawn_at__isnull=True
    ).select_related("person")
    return (
        releases.filter(state=ReleaseState.RELEASED)
        .order_by("-finished_at")
        .prefetch_related("rounds", Prefetch("rounds__decisions", approvals))
    )
