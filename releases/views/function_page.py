"""What a function's page shows: what is live, versions, aliases, releases, recent history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from releases import policy
from releases.aws.types import LATEST
from releases.models import Alias, AuditEvent, Drift, Function, Release, Version
from releases.states import FINAL, IN_FLIGHT, ReleaseState
from releases.views.filters import PAGE_SIZE, page_of, person_of
from releases.views.offers import Offer, offers
from releases.views.pending import pending
from releases.views.queue import places

LINE = 7
RECENT = 10
QUEUE_SHOWN = 50


@dataclass
class Mark:
    """One version on the line, with the aliases that point to it and their share in percent."""

    version: Version
    flags: list[tuple[str, int]]
    is_live: bool


def _flags(number: int, aliases: list[Alias]) -> list[tuple[str, int]]:
    flags = []
    for alias in aliases:
        share = float(alias.weights.get(str(number), 0))
        if alias.version == str(number):
            share = 1 - sum(float(weight) for weight in alias.weights.values())
        if share:
            flags.append((alias.name, round(share * 100)))
    return flags


def _is_identical(live: Version | None, function: Function) -> bool | None:
    """Whether $LATEST holds the code of the live version; None if either is unknown."""
    if live is None or not function.latest_code_sha256:
        return None
    return live.code_sha256 == function.latest_code_sha256


def live(request: HttpRequest, function: Function) -> dict[str, Any]:
    """What callers run now, and how $LATEST compares with it. Three queries."""
    aliases = list(function.aliases.all())
    newest = list(function.versions.select_related("release")[:LINE])
    live_number = function.live_version
    current = next((each for each in newest if each.number == live_number), None)
    if live_number is not None and current is None:
        current = function.versions.filter(number=live_number).first()
    return {
        "function": function,
        "live": current,
        "line": [
            Mark(each, _flags(each.number, aliases), each.number == live_number)
            for each in reversed(newest)
        ],
        "is_identical": _is_identical(current, function),
        "in_flight": Release.objects.filter(function=function, state__in=IN_FLIGHT).first(),
    }


def versions(request: HttpRequest, function: Function) -> dict[str, Any]:
    related = ("release__requested_by", "release__function__environment", "release__artifact")
    rows = function.versions.select_related(*related)
    aliases: dict[str, list[str]] = {}
    for alias in function.aliases.all():
        aliases.setdefault(alias.version, []).append(alias.name)
    page = page_of(request, rows, key="number")
    former = Version.ever.filter(function=function, replaced_at__isnull=False).count()
    ways = offers([each.release for each in page.rows if each.release], person_of(request))
    marked = [
        (version, aliases.get(str(version.number), []), _possible(ways, version))
        for version in page.rows
    ]
    shown = {"function": function, "page": page, "versions": marked, "former": former}
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
    unfinished = rows.exclude(state__in=FINAL).exclude(state=ReleaseState.DRAFT)
    waiting = list(unfinished.select_related("function", "requested_by"))
    return {
        "function": function,
        "releases": list(rows[:RECENT]),
        "queue": places(waiting)[:QUEUE_SHOWN],
        "slot": next((each for each in waiting if each.state in IN_FLIGHT), None),
    }


def about(request: HttpRequest, function: Function) -> dict[str, Any]:
    """Settings, aliases and the latest history."""
    events = AuditEvent.objects.filter(function_id=function.pk)
    return {
        "function": function,
        "can_change": policy.can_change_function(person_of(request), function),
        "aliases": list(function.aliases.all()),
        "events": list(events[:RECENT]),
        "pending": pending(function, person_of(request)),
        "drift": Drift.objects.open().for_page().filter(function=function).first(),
    }


# The parts that a page fetches again by themselves when the function's topic changes.
PARTS: dict[str, Callable[[HttpRequest, Function], dict[str, Any]]] = {
    "live": live,
    "versions": versions,
    "releases": releases,
    "about": about,
}
