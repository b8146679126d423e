"""What a function's page shows: what is live, versions, aliases, releases, recent history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from releases import policy, rollback_policy
from releases.audit.search import NEWEST_FIRST
from releases.aws.types import LATEST
from releases.holds import hold_on, open_freezes
from releases.live_versions import what_became_of
from releases.models import AuditEvent, Drift, Function, Release, Rollback, RollbackState, Version
from releases.models.holds import UNDECIDED
from releases.states import IN_FLIGHT
from releases.views.audit_rows import lines
from releases.views.filters import PAGE_SIZE, page_of, person_of
from releases.views.offers import Offer, offers
from releases.views.pending import pending
from releases.views.queue import places
from releases.views.version_line import version_line

RECENT = 10
QUEUE_SHOWN = 50


def head(request: HttpRequest, function: Function) -> dict[str, Any]:
    """What can be done with the function, each with its reason if not."""
    person, hold = person_of(request), hold_on(function)
    return {
        "function": function,
        "hold": hold,
        "can_refresh": policy.can_refresh_function(person, function),
        "can_create_release": policy.can_create_release(person, function),
        "can_hold": rollback_policy.can_hold(person, function),
        "can_resume": rollback_policy.can_resume(person, function, hold),
        "can_roll_back": rollback_policy.can_roll_back_somehow(person, function),
    }


def _is_identical(live: Version | None, function: Function) -> bool | None:
    """Whether $LATEST holds the code of the live version; None if either is unknown."""
    if live is None or not function.latest_code_sha256:
        return None
    return live.code_sha256 == function.latest_code_sha256


def live(request: HttpRequest, function: Function) -> dict[str, Any]:
    """What callers run now, what keeps it there, and how $LATEST compares. Seven queries."""
    line = version_line(function)
    hold = hold_on(function)
    rollbacks = Rollback.objects.filter(function=function).select_related("requested_by")
    newest = rollbacks.first()
    person = person_of(request)
    return {
        "function": function,
        "live": line.live,
        "line": line,
        "is_identical": _is_identical(line.live, function),
        "in_flight": Release.objects.filter(function=function, state__in=IN_FLIGHT).first(),
        "hold": hold,
        "freezes": open_freezes(function.environment_id),
        "can_resume": rollback_policy.can_resume(person, function, hold),
        "can_roll_back": rollback_policy.can_roll_back_somehow(person, function),
        "under_way": newest if newest and newest.state in UNDECIDED else None,
        "undone_by": newest if newest and _can_be_undone(newest, function) else None,
    }


def _can_be_undone(rollback: Rollback, function: Function) -> bool:
    """Whether what it left can be gone forward to: it is the last thing that happened."""
    done = rollback.state == RollbackState.DONE and rollback.to_version == function.live_version
    return done and rollback.from_version not in (None, rollback.to_version)


def versions(request: HttpRequest, function: Function) -> dict[str, Any]:
    related = ("release__requested_by", "release__function__environment", "release__artifact")
    rows = function.versions.select_related(*related)
    aliases: dict[str, list[str]] = {}
    for alias in function.aliases.all():
        aliases.setdefault(alias.version, []).append(alias.name)
    page = page_of(request, rows, key="number")
    former = Version.ever.filter(function=function, replaced_at__isnull=False).count()
    ways = offers([each.release for each in page.rows if each.release], person_of(request))
    became = what_became_of(function, page.rows)
    marked = [
        (each, aliases.get(str(each.number), []), became[each.number], _possible(ways, each))
        for each in page.rows
    ]
    shown = {
        "function": function,
        "page": page,
        "versions": marked,
        "former": former,
        "can_roll_back": rollback_policy.can_roll_back_somehow(person_of(request), function),
    }
    return shown | _compare_form(function, [each.number for each in page.rows])


def compare_form(function: Function) -> dict[str, Any]:
    """The form that names two states of a function. One query."""
    newest = function.versions.values_list("number", flat=True)[:PAGE_SIZE]
    return _compare_form(function, list(newest))


def _compare_form(function: Function, numbers: list[int]) -> dict[str, Any]:
    """Any version may be typed in; suggested are those on the page, live and `$LATEST`."""
    live = str(function.live_version or "") if function.live_alias else LATEST
    names = [LATEST, live, *map(str, numbers)]
    others = [name for name in names[2:] if name != live]
    return {
        "live_place": live,
        "suggested": [name for name in dict.fromkeys(names) if name],
        "old": live or LATEST,
        "new": next(iter(others), LATEST),
    }


def _possible(ways: dict[int, list[Offer]], version: Version) -> list[Offer]:
    """Where a version's bytes could go now; why they cannot is the release page's to say."""
    return [each for each in ways.get(version.release_id or 0, []) if each.may]


def releases(request: HttpRequest, function: Function) -> dict[str, Any]:
    rows = Release.objects.filter(function=function).select_related("requested_by", "artifact")
    slot = rows.in_flight().first()
    queued = rows.in_queue()
    first = list(queued.select_related("function", "requested_by")[:QUEUE_SHOWN])
    return {
        "function": function,
        "releases": list(rows[:RECENT]),
        "queue": places([slot, *first] if slot else first),
        "unshown": max(0, queued.count() - QUEUE_SHOWN),
        "slot": slot,
    }


def about(request: HttpRequest, function: Function) -> dict[str, Any]:
    """Settings, aliases and the latest history."""
    visible = AuditEvent.objects.visible_to(person_of(request))
    named = visible.filter(function_name=function.name, function_id=function.pk)
    return {
        "function": function,
        "can_change": policy.can_change_function(person_of(request), function),
        "can_set_team": policy.can_set_team(person_of(request)),
        "aliases": list(function.aliases.all()),
        "lines": lines(named.order_by(*NEWEST_FIRST)[:RECENT]),
        "pending": pending(function, person_of(request)),
        "drift": Drift.objects.open().for_page().filter(function=function).first(),
    }


# The parts that a page fetches again by themselves when the function's topic changes.
PARTS: dict[str, Callable[[HttpRequest, Function], dict[str, Any]]] = {
    "head": head,
    "live": live,
    "versions": versions,
    "releases": releases,
    "about": about,
}
