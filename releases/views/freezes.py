"""Freezes: the list with what is frozen now, placing one, lifting one, going out in spite of it."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from releases import policy, rollback_policy
from releases.actions.freeze import end_freeze, freeze, override_freeze
from releases.audit import Origin
from releases.errors import InvalidInput, StaleRelease
from releases.forms.freezes import FreezeForm
from releases.models import Environment, Freeze, Release
from releases.views.decisions import decide
from releases.views.filters import page_of, person_of


@dataclass(frozen=True)
class Row:
    freeze: Freeze
    until: datetime | None


@require_GET
def freeze_list(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    policy.require(policy.can_view(person))
    now = timezone.now()
    visible = Freeze.objects.visible_to(person)
    related = visible.select_related("environment", "placed_by", "ended_by")
    standing = [Row(each, each.open_until(now)) for each in related.filter(ended_at=None)]
    context = {
        "standing": sorted(standing, key=lambda row: (row.until is None, -row.freeze.pk)),
        "page": page_of(request, related.exclude(ended_at=None)),
        "may_freeze": rollback_policy.can_freeze_something(person),
    }
    return render(request, "freezes/list.html", context)


@require_http_methods(["GET", "POST"])
def add_freeze(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    here = Environment.objects.visible_to(person)
    named = here.filter(name=request.GET.get("env", "")).first()
    form = FreezeForm(request.POST or None, initial={"environment": named}, here=here)
    if not form.is_valid():
        # What is sent is refused by the action, which records it.
        policy.require(rollback_policy.can_freeze_something(person))
    else:
        chosen = {name: form.cleaned_data[name] for name in ("environment", "reason")}
        try:
            placed = freeze(**chosen, **form.times(), by=person, origin=Origin.of(request))
        except InvalidInput as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, f"Frozen: {placed.where}, {placed.when}.")
            return redirect("releases:freezes")
    context = {"form": form, "zones": sorted(zoneinfo.available_timezones())}
    return render(request, "freezes/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def lift_freeze(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    related = Freeze.objects.visible_to(person).select_related("environment", "placed_by")
    standing = get_object_or_404(related, pk=pk)
    context: dict[str, object] = {"freeze": standing, "until": standing.open_until(timezone.now())}
    if request.method == "GET":
        policy.require(rollback_policy.can_end_freeze(person, standing))
        return render(request, "freezes/lift.html", context)
    reason = request.POST.get("reason", "")
    try:
        end_freeze(standing, reason=reason, by=person, origin=Origin.of(request))
    except InvalidInput as error:
        context |= {"reason": reason, "problem": str(error)}
        return render(request, "freezes/lift.html", context, status=422)
    except StaleRelease as error:
        messages.info(request, str(error))
    else:
        messages.success(request, f"The freeze of {standing.where} is lifted.")
    return redirect("releases:freezes")


@require_POST
def override(request: HttpRequest, pk: int) -> HttpResponse:
    def act(release: Release, by: User, origin: Origin) -> None:
        override_freeze(release, reason=request.POST.get("note", ""), by=by, origin=origin)

    said = "{} may go out in spite of the freeze, once one person more has approved it."
    return decide(request, pk, act, said)
