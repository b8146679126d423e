"""Drift: its page, and the three choices about it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from releases import policy
from releases.actions.adopt_drift import adopt_drift
from releases.actions.ignore_drift import ignore_drift
from releases.actions.restore_drift import restore_drift
from releases.audit import Origin
from releases.aws.errors import AwsError
from releases.errors import InvalidInput, StaleDrift
from releases.models import Drift
from releases.numbers import whole_number
from releases.packages.errors import PackageError
from releases.views.drift_page import context
from releases.views.filters import person_of

Act = Callable[[Drift, User, Origin, int], str]


def _loaded(request: HttpRequest, pk: int) -> Drift:
    return get_object_or_404(Drift.objects.visible_to(person_of(request)).for_page(), pk=pk)


@require_GET
def drift(request: HttpRequest, pk: int) -> HttpResponse:
    person = person_of(request)
    policy.require(policy.can_view(person))
    return render(request, "drifts/drift.html", context(_loaded(request, pk), person))


@require_POST
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    def act(found: Drift, by: User, origin: Origin, seen: int) -> str:
        release = adopt_drift(found, by=by, origin=origin, seen=seen)
        return f"{release.reference} adopts it. It waits for approval like any release."

    return _decide(request, pk, act)


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    def act(found: Drift, by: User, origin: Origin, seen: int) -> str:
        release = restore_drift(found, by=by, origin=origin, seen=seen)
        if release is None:
            return f"{found.function.name} is as it was released again."
        return f"{release.reference} puts the code back. It waits for approval like any release."

    return _decide(request, pk, act)


@require_POST
def ignore(request: HttpRequest, pk: int) -> HttpResponse:
    def act(found: Drift, by: User, origin: Origin, seen: int) -> str:
        reason = request.POST.get("reason", "")
        ignore_drift(found, by=by, origin=origin, seen=seen, reason=reason)
        return "Ignored. What changes after this is shown again."

    return _decide(request, pk, act)


def _decide(request: HttpRequest, pk: int, act: Act) -> HttpResponse:
    """Act, and go on to the release that came of it; what was refused is shown on the page."""
    found, person = _loaded(request, pk), person_of(request)
    seen = whole_number(request.POST.get("seen", "")) or 0
    try:
        said = act(found, person, Origin.of(request), seen)
    except StaleDrift as problem:
        return _again(request, pk, str(problem), status=409)
    except InvalidInput as problem:
        return _again(request, pk, str(problem), status=422)
    except AwsError as error:
        return _again(request, pk, f"{error.headline}. {error.message} {error.advice}".strip(), 502)
    except PackageError as error:
        return _again(request, pk, f"{error.message} {error.advice}".strip(), 502)
    messages.success(request, said)
    now = _loaded(request, pk)
    if now.way_under_way:
        return redirect("releases:release", now.way_under_way.pk)
    return redirect("releases:drift", pk)


def _again(request: HttpRequest, pk: int, problem: str, status: int) -> HttpResponse:
    shown = context(_loaded(request, pk), person_of(request))
    shown |= {"problem": problem, "reason": request.POST.get("reason", "")}
    return render(request, "drifts/drift.html", shown, status=status)
