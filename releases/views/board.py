"""What the dashboard shows: one function a section, each a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q

from accounts.models import User
from releases import rollback_policy
from releases.holds import open_everywhere, open_freezes
from releases.models import (
    Decision,
    Drift,
    Environment,
    Hold,
    Release,
    Rollback,
    Step,
    Verdict,
)
from releases.models.drifts import DriftQuerySet
from releases.models.holds import UNDECIDED
from releases.models.releases import ReleaseQuerySet
from releases.states import IN_FLIGHT, NEEDS_ATTENTION, ReleaseState
from releases.views.rail import Stop, rail
from releases.views.waiting import (
    policy_changes_for,
    rollbacks_for,
    waiting_for,
    with_approvals,
)

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
    releases, waiting = Release.objects.for_list(), waiting_for(user).for_list()
    changes = policy_changes_for(user)
    if environment:
        releases = releases.filter(function__environment=environment)
        waiting = waiting.filter(function__environment=environment)
        here = Q(environment=environment) | Q(function__environment=environment)
        changes = changes.filter(here)
    seconds, holds, rollbacks = _still(user, environment)
    mine = list(with_approvals(waiting)[:ROWS])
    moving_states = (IN_FLIGHT | {ReleaseState.QUEUED}) - NEEDS_ATTENTION
    others = releases.filter(state__in=moving_states).exclude(pk__in=[each.pk for each in mine])
    proposed = list(changes[:ROWS])
    drifts = _drifts(environment)
    return {
        "mine": mine,
        "policy_changes": proposed,
        "seconds": seconds,
        "decision_count": len(mine) + len(proposed) + len(seconds),
        "held_count": len(holds) + len(rollbacks),
        "freezes": open_freezes(environment.pk) if environment else open_everywhere(),
        "holds": holds,
        "rollbacks": rollbacks,
        "can_roll_back": rollback_policy.can_roll_back_any(user),
        "can_resume": rollback_policy.can_resume_any(user),
        "moving": _moving(with_approvals(others).prefetch_related("steps")[:ROWS]),
        "stuck": _stuck(releases.needs_attention().order_by("-changed_at")[:ROWS]),
        "drifts": drifts,
        "drift_count": len(drifts) if len(drifts) < ROWS else _open_drifts(environment).count(),
        "recent": list(_recent(releases)[:RECENT]),
        "environment": environment,
    }


def _open_drifts(environment: Environment | None) -> DriftQuerySet:
    """Not of functions whose release is in conflict about it: that is the row to act on."""
    conflicts = Release.objects.filter(function=OuterRef("function"), state=ReleaseState.CONFLICT)
    found = Drift.objects.open().exclude(Exists(conflicts))
    return found.filter(function__environment=environment) if environment else found


def _drifts(environment: Environment | None) -> list[Drift]:
    return list(_open_drifts(environment).for_page().order_by("-moved_at")[:ROWS])


def _still(
    user: User, environment: Environment | None
) -> tuple[list[Rollback], list[Hold], list[Rollback]]:
    """Rollbacks that wait for this person, functions on hold, and rollbacks under way."""
    seconds = rollbacks_for(user)
    holds = Hold.objects.filter(ended_at=None)
    under_way = Rollback.objects.filter(state__in=UNDECIDED)
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
        steps = [step for step in release.steps.all() if step.round_number == release.round_number]
        found.append(Moving(release, rail(release, steps), steps[-1] if steps else None))
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
