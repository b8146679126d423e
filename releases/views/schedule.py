"""Whose turn it is and when: superseding an older release, and "not before" a time."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST

from accounts.models import User
from releases.actions.reschedule import reschedule as change_schedule
from releases.actions.supersede import supersede as take_place_of
from releases.audit import Origin
from releases.errors import InvalidInput
from releases.models import Release
from releases.numbers import whole_number
from releases.schedule import FIELD
from releases.views.decisions import decide
from releases.views.filters import person_of

UNREADABLE = "Enter a date and a time, or leave it empty."


@require_POST
def supersede(request: HttpRequest, pk: int) -> HttpResponse:
    number = whole_number(request.POST.get("older", "")) or 0
    visible = Release.objects.visible_to(person_of(request))
    related = visible.select_related("function__environment")
    older = get_object_or_404(related, pk=number)
    seen = request.POST.get(f"seen_{older.pk}", "")

    def act(release: Release, by: User, origin: Origin) -> None:
        take_place_of(release, older, by=by, origin=origin, seen=seen)

    return decide(request, pk, act, f"{{}} takes the place of {older.reference}.")


@require_POST
def reschedule(request: HttpRequest, pk: int) -> HttpResponse:
    def act(release: Release, by: User, origin: Origin) -> None:
        wanted, seen = moment_typed(request), _moment(request.POST.get("seen_not_before", ""))
        change_schedule(release, by=by, origin=origin, seen=seen, not_before=wanted)

    return decide(request, pk, act, "{} is rescheduled.")


def moment_typed(request: HttpRequest, field: str = FIELD) -> datetime | None:
    """What the person chose: their browser sends it in UTC; without scripts it is read as UTC.

    Raises InvalidInput if it is no time.
    """
    if not request.POST.get(f"{field}_local", "").strip():
        return None
    return _moment(request.POST.get(field, "") or request.POST[f"{field}_local"], field)


def _moment(text: str, field: str = FIELD) -> datetime | None:
    if not text.strip():
        return None
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(UNREADABLE, field=field)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
