"""All releases, filtered by what a person remembers of one: its number, function or hash."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from releases import policy
from releases.models import Function, Release
from releases.numbers import release_number, whole_number
from releases.states import FINAL, IN_FLIGHT, NEEDS_ATTENTION, WORKING, ReleaseState
from releases.views.filters import (
    chosen_environment,
    page_of,
    person_of,
)
from releases.views.queue import places_of

GROUPS: dict[str, tuple[str, frozenset[ReleaseState]]] = {
    "open": ("Open", frozenset(ReleaseState) - FINAL),
    "waiting": ("Waiting for approval", frozenset({ReleaseState.AWAITING_APPROVAL})),
    "working": ("Sluice is working", WORKING & IN_FLIGHT),
    "queued": ("Queued", frozenset({ReleaseState.QUEUED})),
    "attention": ("Needs attention", NEEDS_ATTENTION),
    "released": ("Released", frozenset({ReleaseState.RELEASED})),
    "ended": ("Rejected or cancelled", FINAL - {ReleaseState.RELEASED}),
}


def matching(text: str) -> Q:
    """R-number, part of the function's name, or the beginning of a hash."""
    wanted = Q(function__name__icontains=text)
    number = release_number(text)
    if number is not None:
        wanted |= Q(pk=number)
    if len(text) >= 4:
        prefix = text.removeprefix("sha256:")
        wanted |= Q(artifact__sha256__startswith=prefix.lower())
        wanted |= Q(artifact__code_sha256__startswith=prefix)
    return wanted


def _filtered(request: HttpRequest) -> QuerySet[Release]:
    rows = Release.objects.visible_to(person_of(request)).for_list()
    environment = chosen_environment(request)
    if environment:
        rows = rows.filter(function__environment=environment)
    group = GROUPS.get(request.GET.get("state", ""))
    if group:
        rows = rows.filter(state__in=group[1])
    function = whole_number(request.GET.get("function", ""))
    if function is not None:
        rows = rows.filter(function=function)
    text = request.GET.get("q", "").strip()
    return rows.filter(matching(text)) if text else rows


def _named_exactly(request: HttpRequest) -> Release | None:
    """The one release that somebody typed the whole reference of."""
    text = request.GET.get("q", "").strip()
    if set(request.GET) != {"q"} or not text.upper().startswith("R-"):
        return None
    visible = Release.objects.visible_to(person_of(request))
    return visible.filter(pk=release_number(text) or 0).first()


@require_GET
def release_list(request: HttpRequest) -> HttpResponse:
    policy.require(policy.can_view(person_of(request)))
    exact = _named_exactly(request)
    if exact:
        return redirect("releases:release", exact.pk)
    number = whole_number(request.GET.get("function", ""))
    known = Function.objects.visible_to(person_of(request))
    function = known.filter(pk=number).first() if number is not None else None
    page = page_of(request, _filtered(request))
    context = {
        "page": page,
        "places": places_of(page.rows),
        "groups": [(key, label) for key, (label, _) in GROUPS.items()],
        "function": function,
        "is_filtered": any(request.GET.get(name) for name in ("q", "state", "env", "function")),
    }
    return render(request, "releases/release_list.html", context)
