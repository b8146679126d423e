"""The audit history: who did what to what, when, from where."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import User
from releases import policy
from releases.audit import SYSTEM
from releases.audit.activity import activity
from releases.audit.archived import archived_since
from releases.audit.search import Search, moment
from releases.audit.sentences import SENTENCES
from releases.audit.status import seal_status
from releases.models import AuditEvent, sees_everything
from releases.numbers import whole_number
from releases.views.audit_picture import picture
from releases.views.audit_rows import lines
from releases.views.audit_views import offered
from releases.views.filters import PAGE_SIZE, Page, person_of, query_with

MINUTES = "%Y-%m-%dT%H:%M"


def _actions() -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {}
    for action in SENTENCES:
        groups.setdefault(action.split(".")[0].capitalize(), []).append(action)
    return list(groups.items())


@require_GET
def audit_list(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    policy.require(policy.can_see_audit(person))
    search = Search.of(request.GET, person)
    newer = whole_number(request.GET.get("newer", ""))
    if newer is not None:
        return _newer(request, search, newer)
    found = search.found()
    page = page_of_events(request, found.events)
    context = {
        "page": page,
        "seals": seal_status(),
        "sees_all": sees_everything(person),
        "lines": lines(page.rows, folded="request" not in search.asked),
        "first": max((event.pk for event in page.rows), default=0),
        "newer_query": query_with(request, before=None),
        "actions": _actions(),
        "people": [SYSTEM, *_names(person)],
        "problems": search.problems,
        "archived": archived_since(search.begins),
        "is_filtered": bool(search),
        "search": search,
        "from_value": _input(search.asked.get("from", "")),
        "to_value": _input(search.asked.get("to", ""), is_end=True),
        "views": offered(person, search),
        "picture": picture(request, search, activity(found)),
    }
    return render(request, "audit/audit_list.html", context)


def _names(person: User) -> list[str]:
    """Who is suggested. To somebody who sees a part of it, nobody whom that would tell of."""
    if not sees_everything(person):
        return [person.name]
    return [each.name for each in User.objects.order_by("username")]


def page_of_events(request: HttpRequest, events: QuerySet[AuditEvent]) -> Page[AuditEvent]:
    """One page before the event `?before=`, by time and then by number. At most two queries.

    Raises Http404 if there is no such event.
    """
    before = whole_number(request.GET.get("before", ""))
    if before is not None:
        last = (
            AuditEvent.objects.visible_to(person_of(request))
            .filter(pk=before)
            .values_list("at", flat=True)
            .first()
        )
        if last is None:
            raise Http404("There is no such event.")
        events = events.filter(Q(at__lt=last) | Q(pk__lt=before), at__lte=last)
    rows = list(events[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    return Page(
        rows=shown,
        older=query_with(request, before=shown[-1].pk) if len(rows) > PAGE_SIZE else "",
        newest=query_with(request, before=None) if before is not None else "",
    )


def _input(text: str, *, is_end: bool = False) -> str:
    """A day or minute as an input for both shows it."""
    found = moment(text)
    if found is None:
        return ""
    is_day = len(text) == len("2026-11-21")
    return f"{found:%Y-%m-%d}T23:59" if is_day and is_end else found.strftime(MINUTES)


def _newer(request: HttpRequest, search: Search, first: int) -> HttpResponse:
    """How many events came after the first one shown: rows never move under a reader."""
    count = search.events().filter(pk__gt=first)[:100].count()
    here = query_with(request, newer=None)
    context = {"count": count, "first": first, "newer_query": here}
    return render(request, "audit/_newer.html", context)
