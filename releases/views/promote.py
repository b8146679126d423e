"""Promoting a release: the sheet that says what it would do, and the click that does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from releases.actions.promote import promote as promote_release
from releases.audit import Origin
from releases.errors import InvalidInput, StaleRelease
from releases.holds import Frozen, open_freezes, why_held
from releases.models import Function, Release
from releases.numbers import whole_number
from releases.policy import Decision
from releases.promotion import Promotion, can_promote, promotion_to
from releases.rules import Rules
from releases.states import FINAL, ReleaseState
from releases.views.filters import person_of
from releases.views.release import load


@dataclass(frozen=True)
class Sheet:
    """What is said before the click."""

    promotion: Promotion
    may: Decision
    rules: Rules
    ahead: list[Release]
    # Why nothing may change there at this moment, and the freezes that are open there.
    held: str
    freezes: list[Frozen]

    @property
    def read_at(self) -> datetime | None:
        return self.promotion.target.synced_at


@require_http_methods(["GET", "POST"])
def promote(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet, as a page of its own or into the dialog of another; POST promotes."""
    release = load(request, pk)
    given = request.POST if request.method == "POST" else request.GET
    functions = Function.objects.visible_to(person_of(request)).with_environment()
    target = functions.filter(pk=whole_number(given.get("to", "")) or 0).first()
    if target is None:
        raise Http404("There is no such function to promote to.")
    if request.method == "GET":
        return _sheet(request, release, target)
    person = person_of(request)
    try:
        made = promote_release(release, to=target, by=person, origin=Origin.of(request))
    except (InvalidInput, StaleRelease) as problem:
        status = 422 if isinstance(problem, InvalidInput) else 409
        return _sheet(request, release, target, status=status, problem=str(problem))
    where = target.environment.name
    messages.success(request, f"You promoted {release.reference} to {where} as {made.reference}.")
    return redirect("releases:release", made.pk)


def _sheet(
    request: HttpRequest,
    release: Release,
    target: Function,
    *,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    promotion = promotion_to(release, target)
    if promotion is None:
        raise Http404(f"{release.reference} cannot be promoted to this function.")
    is_dialog = bool(getattr(request, "htmx", False))
    context: dict[str, Any] = {
        "release": release,
        "sheet": Sheet(
            promotion,
            can_promote(person_of(request), promotion),
            promotion.rules,
            _ahead(promotion.target),
            why_held(promotion.target),
            open_freezes(promotion.target.environment_id),
        ),
        "problem": problem,
        "is_dialog": is_dialog,
    }
    template = "promote/_sheet.html" if is_dialog else "promote/promote.html"
    return render(request, template, context, status=status)


def _ahead(target: Function) -> list[Release]:
    """Whom the promoted release would wait for; the first few are enough to say so."""
    unfinished = target.releases.exclude(state__in=FINAL).exclude(state=ReleaseState.DRAFT)
    return list(unfinished.order_by("pk")[:3])
