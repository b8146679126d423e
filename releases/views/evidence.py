"""Evidence: what went live on a day and who approved it, and packs that prove it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from releases import policy
from releases.actions.make_evidence import make_evidence
from releases.audit import Origin
from releases.audit.archived import archived_since
from releases.evidence import OfDays, OfRelease, Pack, Scope, WentLive, gather, what_went_live
from releases.evidence.scope import TooMuch
from releases.evidence.written import written
from releases.models import Function, Release
from releases.views.filters import chosen_environment, person_of

SUGGESTED = 500


@dataclass(frozen=True)
class Line:
    """A thing that went live, and where its own pack is."""

    live: WentLive
    pack: str


@require_GET
def evidence(request: HttpRequest) -> HttpResponse:
    """The days that were asked for; today, where none was."""
    policy.require(policy.can_see_audit(person_of(request)))
    today = timezone.now().date()
    context: dict[str, object] = {
        "today": today,
        "first": today,
        "functions": _functions(person_of(request)),
    }
    try:
        scope = _days(request, today)
    except TooMuch as error:
        context["problem"] = str(error)
        return render(request, "evidence/evidence.html", context, status=422)
    found, is_cut = what_went_live(scope)
    context |= {
        "scope": scope,
        "first": scope.first,
        "lines": [Line(each, _pack_of(each)) for each in found],
        "is_cut": is_cut,
        "archived": archived_since(scope.begins),
        "pack": _address(scope),
    }
    return render(request, "evidence/evidence.html", context)


@require_GET
def of_release(request: HttpRequest, pk: int) -> HttpResponse:
    policy.require(policy.can_see_audit(person_of(request)))
    return _page(request, gather(_release(pk, person_of(request))))


@require_GET
def of_days(request: HttpRequest) -> HttpResponse:
    policy.require(policy.can_see_audit(person_of(request)))
    return _page(request, gather(_days(request, timezone.now().date())))


@require_POST
def take_release(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    return _zip(request, _release(pk, person_of(request)))


@require_POST
def take_days(request: HttpRequest) -> StreamingHttpResponse:
    return _zip(request, _days(request, timezone.now().date()))


def _page(request: HttpRequest, pack: Pack) -> HttpResponse:
    context = {"pack": pack, "take": _address(pack.scope, take=True), "reader": person_of(request)}
    return render(request, "evidence/pack.html", context)


def _zip(request: HttpRequest, scope: Scope) -> StreamingHttpResponse:
    person = person_of(request)
    pack = make_evidence(scope, by=person, origin=Origin.of(request))
    answer = StreamingHttpResponse(written(pack, by=person.name), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="evidence-{scope.slug}.zip"'
    return answer


def _release(pk: int, reader: User) -> OfRelease:
    visible = Release.objects.visible_to(reader)
    release = get_object_or_404(visible.select_related("function__environment"), pk=pk)
    return OfRelease(release, reader)


def _days(request: HttpRequest, today: date) -> OfDays:
    """As the address says: ?from=, ?to= (else the same day), ?function= with commas, ?env=.

    Raises TooMuch, also for what is no day.
    """
    asked = {name: request.GET.get(name, "").strip() for name in ("from", "to", "function")}
    begin, end = _day(asked["from"]), _day(asked["to"])
    first = begin or end or today
    names = tuple(dict.fromkeys(re.findall(r"[^\s,]+", asked["function"])))
    return OfDays(first, end or first, person_of(request), names, chosen_environment(request))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise TooMuch(f"“{text}” is not a day: write 2026-10-15.") from error


def _address(scope: Scope, *, take: bool = False) -> str:
    if isinstance(scope, OfRelease):
        name = "take_release_evidence" if take else "release_evidence"
        return reverse(f"releases:{name}", args=[scope.release.pk])
    asked = {"from": f"{scope.first}", "to": f"{scope.last}", "function": ",".join(scope.functions)}
    if scope.environment:
        asked["env"] = scope.environment.name
    name = "take_days_evidence" if take else "days_evidence"
    return f"{reverse(f'releases:{name}')}?{urlencode(asked)}"


def _pack_of(live: WentLive) -> str:
    """A release has its own; of all else the function's on that day."""
    event = live.event
    if event.action == "release.released" and event.release_id:
        return reverse("releases:release_evidence", args=[event.release_id])
    asked = {
        "from": f"{event.at:%Y-%m-%d}",
        "function": event.function_name,
        "env": event.environment_name,
    }
    return f"{reverse('releases:days_evidence')}?{urlencode(asked)}"


def _functions(reader: User) -> list[str]:
    visible = Function.objects.visible_to(reader)
    return list(visible.values_list("name", flat=True).distinct()[:SUGGESTED])
