"""Rolling back: the sheet, and the click that does it, in the request itself."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from releases import policy, rollback_policy
from releases.actions.roll_back import Seen
from releases.actions.roll_back import roll_back as roll_function_back
from releases.audit import Origin
from releases.errors import InvalidInput, NotAllowed, Refused
from releases.models import Function, Rollback, RollbackState
from releases.views.filters import person_of, whole_number
from releases.views.rollback_sheet import sheet_of


@require_http_methods(["GET", "POST"])
def roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    function = get_object_or_404(Function.objects.with_environment(), pk=pk)
    if request.method == "POST":
        return _act(request, function)
    policy.require(rollback_policy.can_roll_back(person_of(request), function))
    return _sheet(request, function, to=whole_number(request.GET.get("to", "")))


def _act(request: HttpRequest, function: Function) -> HttpResponse:
    """Roll back; what cannot be is said above the sheet as it is now, with what was typed."""
    to = whole_number(request.POST.get("to", ""))
    try:
        if to is None:
            raise InvalidInput("Choose a version.", field="to")
        done = roll_function_back(
            function,
            to=to,
            reason=request.POST.get("reason", ""),
            seen=_seen(request),
            by=person_of(request),
            origin=Origin.of(request),
        )
    except NotAllowed:
        raise
    except (Refused, InvalidInput) as problem:
        function.refresh_from_db()
        return _sheet(request, function, to=to, problem=problem)
    _say(request, done)
    return redirect("releases:rollback", done.pk)


def _seen(request: HttpRequest) -> Seen:
    """What the sheet showed; one that says nothing is as stale as can be."""
    live = whole_number(request.POST.get("seen_live", ""))
    newest = whole_number(request.POST.get("seen_rollback", ""))
    return Seen(live, -1 if newest is None else newest)


def _say(request: HttpRequest, done: Rollback) -> None:
    if done.state == RollbackState.DONE:
        name = done.function.name
        messages.success(request, f"{name} is back at v{done.to_version}, and on hold.")


def _sheet(
    request: HttpRequest, function: Function, *, to: int | None, problem: Exception | None = None
) -> HttpResponse:
    status = 200 if problem is None else 422 if isinstance(problem, InvalidInput) else 409
    context = {
        "sheet": sheet_of(function, person_of(request), to=to),
        "function": function,
        "problem": str(problem or ""),
        "status": status,
        "field": getattr(problem, "field", None),
        "reason": request.POST.get("reason", ""),
    }
    in_dialog = request.headers.get("HX-Target") == "sheet-place"
    template = "rollbacks/_dialog.html" if in_dialog else "rollbacks/sheet.html"
    return render(request, template, context, status=status)
