"""Holding a function where it is, and letting it move again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from releases import policy, rollback_policy
from releases.actions.hold import hold as hold_function
from releases.actions.resume import resume as resume_function
from releases.actions.resume import would_go_out
from releases.audit import Origin
from releases.errors import InvalidInput, NotAllowed, Refused
from releases.holds import hold_on, open_freezes
from releases.models import Function, Release
from releases.numbers import whole_number
from releases.states import FINAL, ReleaseState
from releases.views.filters import load_function, person_of
from releases.views.schedule import moment_typed

OTHERS_SHOWN = 50


@require_http_methods(["GET", "POST"])
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    function = load_function(request, pk)
    context: dict[str, object] = {"function": function, "standing": hold_on(function)}
    if request.method == "GET":
        policy.require(rollback_policy.can_hold(person_of(request), function))
        return _page(request, "hold", context)
    try:
        hold_function(
            function,
            reason=request.POST.get("reason", ""),
            by=person_of(request),
            origin=Origin.of(request),
            expires_at=moment_typed(request, "expires_at"),
        )
    except NotAllowed:
        raise
    except (Refused, InvalidInput) as problem:
        return _page(request, "hold", context, problem)
    messages.success(request, f"{function.name} is on hold.")
    return redirect("releases:function", pk)


@require_http_methods(["GET", "POST"])
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    function, person = load_function(request, pk), person_of(request)
    if request.method == "GET":
        policy.require(rollback_policy.can_resume(person, function, hold_on(function)))
        return _page(request, "resume", _waiting(function))
    try:
        resume_function(
            function,
            reason=request.POST.get("reason", ""),
            by=person,
            origin=Origin.of(request),
            seen=whole_number(request.POST.get("seen", "")) or 0,
            lets_go=whole_number(request.POST.get("lets_go", "")),
        )
    except (Refused, InvalidInput) as problem:
        if isinstance(problem, NotAllowed) and not problem.is_passing:
            raise
        return _page(request, "resume", _waiting(function), problem)
    messages.success(request, f"{function.name} is resumed.")
    return redirect("releases:function", pk)


def _waiting(function: Function) -> dict[str, object]:
    """What would go out, and what is still on its way to the gate, some of it."""
    going = would_go_out(function)
    rows = Release.objects.filter(function=function).select_related("requested_by")
    on_its_way = rows.exclude(state__in=[*FINAL, ReleaseState.DRAFT])
    others = on_its_way.exclude(pk__in=[each.pk for each in going])
    return {
        "function": function,
        "standing": hold_on(function),
        "freezes": open_freezes(function.environment_id),
        "going": going,
        "others": list(others[:OTHERS_SHOWN]),
        "unshown": max(0, others.count() - OTHERS_SHOWN),
    }


def _page(
    request: HttpRequest, name: str, context: dict[str, object], problem: Exception | None = None
) -> HttpResponse:
    status = 200 if problem is None else 422 if isinstance(problem, InvalidInput) else 409
    said = {
        "problem": str(problem or ""),
        "status": status,
        "field": getattr(problem, "field", None),
        "typed": request.POST,
    }
    in_dialog = request.headers.get("HX-Target") == "sheet-place"
    template = f"holds/_{name}_dialog.html" if in_dialog else f"holds/{name}.html"
    return render(request, template, context | said, status=status)
