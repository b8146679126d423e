"""The audit history: who did what to what, when, from where."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from releases import policy
from releases.audit import SYSTEM
from releases.audit.sentences import SENTENCES
from releases.audit.status import seal_status
from releases.models import AuditEvent
from releases.views.filters import (
    chosen_environment,
    day,
    page_of,
    person_of,
    query_with,
    release_number,
    whole_number,
)

FILTERS = ("q", "who", "action", "function", "release", "from", "to", "env")


def _filtered(request: HttpRequest) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.all()
    asked = {name: request.GET.get(name, "").strip() for name in FILTERS}
    environment = chosen_environment(request)
    if environment:
        events = events.filter(environment_id=environment.pk)
    if asked["who"]:
        events = events.filter(actor_name=asked["who"])
    if asked["action"]:
        events = events.filter(action=asked["action"])
    if asked["function"]:
        events = events.filter(function_name=asked["function"])
    if asked["release"]:
        number = release_number(asked["release"])
        events = events.filter(release_id=number) if number else events.none()
    if asked["q"]:
        events = events.filter(sentence__icontains=asked["q"])
    return _between(events, asked["from"], asked["to"])


def _between(events: QuerySet[AuditEvent], first: str, last: str) -> QuerySet[AuditEvent]:
    """Whole UTC days, both ends included."""
    start, end = day(first), day(last)
    if (first and not start) or (last and not end):
        return events.none()
    if start:
        events = events.filter(at__gte=datetime.combine(start, time(), UTC))
    if end and end < date.max:
        events = events.filter(at__lt=datetime.combine(end, time(), UTC) + timedelta(days=1))
    return events


def _problems(request: HttpRequest) -> list[str]:
    """What is no release or no day: nothing matches it, and the page says why."""
    release = request.GET.get("release", "").strip()
    found = []
    if release and not release_number(release):
        found.append(f"“{release}” is not a release: write R-1042 or 1042.")
    for name in ("from", "to"):
        text = request.GET.get(name, "").strip()
        if text and not day(text):
            found.append(f"“{text}” is not a day: write 2026-11-21.")
    return found


def _actions() -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for action in SENTENCES:
        groups.setdefault(action.split(".")[0].capitalize(), []).append(action)
    return list(groups.items())


@require_GET
def audit_list(request: HttpRequest) -> HttpResponse:
    policy.require(policy.can_see_audit(person_of(request)))
    newer = whole_number(request.GET.get("newer", ""))
    if newer is not None:
        return _newer(request, newer)
    page = page_of(request, _filtered(request))
    context = {
        "page": page,
        "seals": seal_status(),
        "first": page.rows[0].pk if page.rows else 0,
        "newer_query": query_with(request, before=None),
        "actions": _actions(),
        "people": [SYSTEM, *(person.name for person in User.objects.order_by("username"))],
        "problems": _problems(request),
        "is_filtered": any(request.GET.get(name) for name in FILTERS),
    }
    return render(request, "audit/audit_list.html", context)


def _newer(request: HttpRequest, first: int) -> HttpResponse:
    """How many events came after the first one shown: rows never move under a reader."""
    count = _filtered(request).filter(pk__gt=first)[:100].count()
    here = query_with(request, newer=None)
    context = {"count": count, "first": first, "newer_query": here}
    return render(request, "audit/_newer.html", context)
