"""Rolling back: the sheet, and the click that does it.

An alias is moved in the request itself; without one the code goes back by a release.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from releases import policy, rollback_policy
from releases.actions.put_back import put_back
from releases.actions.roll_back import Seen
from releases.actions.roll_back import roll_back as roll_function_back
from releases.audit import Origin
from releases.aws.errors import AwsError
from releases.errors import InvalidInput, Refused
from releases.models import Function, Rollback, RollbackState
from releases.numbers import whole_number
from releases.packages.errors import PackageError
from releases.traffic import aws_moves_words
from releases.views.between import UnknownVersion, comparison_of
from releases.views.filters import load_function, person_of
from releases.views.put_back_sheet import put_back_sheet_of
from releases.views.rollback_sheet import sheet_of

# Refusals that are news to the person, or something that AWS or the package stands in the way of.
Problem = Refused | InvalidInput | AwsError | PackageError


@require_http_methods(["GET", "POST"])
def roll_back(request: HttpRequest, pk: int) -> HttpResponse:
    function = load_function(request, pk)
    if request.method == "POST":
        return _act(request, function)
    policy.require(rollback_policy.can_roll_back_somehow(person_of(request), function))
    return _sheet(request, function, to=whole_number(request.GET.get("to", "")))


@require_GET
def files(request: HttpRequest, pk: int) -> HttpResponse:
    """What the sheet says of the files, asked for again while they are being compared."""
    policy.require(policy.can_view(person_of(request)))
    function = load_function(request, pk)
    old, new = (request.GET.get(name, "") for name in ("old", "new"))
    try:
        found = comparison_of(function, old, new)
    except UnknownVersion as problem:
        raise Http404(str(problem)) from problem
    return render(request, "rollbacks/_files.html", {"function": function, "files": found})


def _act(request: HttpRequest, function: Function) -> HttpResponse:
    """Roll back; what cannot be is said above the sheet as it is now, with what was typed."""
    to = whole_number(request.POST.get("to", ""))
    try:
        if to is None:
            raise InvalidInput("Choose a version.", field="to")
        act = _move if function.live_alias else _queue
        return act(request, function, to)
    except (Refused, InvalidInput, AwsError, PackageError) as problem:
        # Whoever may roll back is only late: what was to go back is back already, or went.
        may = rollback_policy.can_roll_back_somehow(person_of(request), function)
        if not may and isinstance(problem, Refused):
            raise
        policy.require(may)
        function.refresh_from_db()
        return _sheet(request, function, to=to, problem=problem)


def _move(request: HttpRequest, function: Function, to: int) -> HttpResponse:
    done = roll_function_back(
        function,
        to=to,
        reason=request.POST.get("reason", ""),
        seen=_seen(request),
        by=person_of(request),
        origin=Origin.of(request),
    )
    _say(request, done)
    return redirect("releases:rollback", done.pk)


def _queue(request: HttpRequest, function: Function, to: int) -> HttpResponse:
    release = put_back(
        function,
        to=to,
        reason=request.POST.get("reason", ""),
        seen=request.POST.get("seen_code", ""),
        by=person_of(request),
        origin=Origin.of(request),
    )
    said = f"{release.reference} puts the code of v{to} back; {function.name} is on hold."
    messages.success(request, said)
    return redirect("releases:release", release.pk)


def _seen(request: HttpRequest) -> Seen:
    """What the sheet showed; one that says nothing is as stale as can be."""
    live = whole_number(request.POST.get("seen_live", ""))
    newest = whole_number(request.POST.get("seen_rollback", ""))
    return Seen(live, -1 if newest is None else newest)


def _say(request: HttpRequest, done: Rollback) -> None:
    if done.state == RollbackState.DONE:
        function = done.function
        left = function.traffic_comes_from
        said = f"{function.name} is back at v{done.to_version}, and on hold"
        messages.success(request, f"{said}{aws_moves_words(left) if left else ''}.")


def _sheet(
    request: HttpRequest, function: Function, *, to: int | None, problem: Problem | None = None
) -> HttpResponse:
    build = sheet_of if function.live_alias else put_back_sheet_of
    context = {
        "sheet": build(function, person_of(request), to=to),
        "function": function,
        "problem": _words(problem),
        "field": getattr(problem, "field", None),
        "reason": request.POST.get("reason", ""),
    }
    in_dialog = request.headers.get("HX-Target") == "sheet-place"
    template = "rollbacks/_dialog.html" if in_dialog else "rollbacks/sheet.html"
    return render(request, template, context, status=_status(problem))


def _words(problem: Problem | None) -> str:
    if isinstance(problem, AwsError):
        return f"{problem.headline}. {problem.message} {problem.advice}".strip()
    if isinstance(problem, PackageError):
        return f"{problem.message} {problem.advice}".strip()
    return str(problem or "")


def _status(problem: Problem | None) -> int:
    if problem is None:
        return 200
    if isinstance(problem, Refused):
        return 409
    return 422 if isinstance(problem, InvalidInput) else 502
