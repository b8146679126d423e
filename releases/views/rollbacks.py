"""One rollback: how far it is, what AWS said, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from releases import policy, rollback_policy
from releases.actions.roll_back import second_rollback, try_again, withdraw_rollback
from releases.audit import Origin
from releases.errors import InvalidInput, NotAllowed, Refused
from releases.models import AuditEvent, AwsCall, Hold, Rollback, RollbackState
from releases.policy import Decision
from releases.views.filters import person_of

CALLS = 50
EVENTS = 20


@dataclass(frozen=True)
class Calls:
    shown: list[AwsCall]

    @property
    def span_days(self) -> bool:
        today = timezone.localdate()
        return any(timezone.localdate(call.sent_at) != today for call in self.shown)


@dataclass(frozen=True)
class RollbackPage:
    rollback: Rollback
    agree: Decision
    withdraw: Decision
    try_again: Decision
    undo: Decision
    calls: Calls
    events: list[AuditEvent]
    newer: Rollback | None
    hold: Hold | None
    needed: str

    @property
    def stands(self) -> bool:
        """Whether the alias is still where this rollback put it, as it was read last."""
        return self.rollback.function.live_version == self.rollback.to_version

    @property
    def has_all_callers(self) -> bool:
        return not (self.stands and self.rollback.function.live_weights)

    @property
    def aws_moves(self) -> bool:
        """Whether calls still run the version that was left, because AWS moves them over."""
        return self.stands and self.rollback.function.traffic_comes_from is not None


@require_GET
def rollback(request: HttpRequest, pk: int) -> HttpResponse:
    policy.require(policy.can_view(person_of(request)))
    return _page(request, pk)


@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    def act(found: Rollback, by: User, origin: Origin) -> object:
        return second_rollback(found, by=by, origin=origin)

    return _act(request, pk, act)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    def act(found: Rollback, by: User, origin: Origin) -> None:
        reason = request.POST.get("reason", "")
        withdraw_rollback(found, reason=reason, by=by, origin=origin)
        messages.success(request, "The rollback is withdrawn; nothing was changed.")

    return _act(request, pk, act)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    def act(found: Rollback, by: User, origin: Origin) -> object:
        return try_again(found, by=by, origin=origin)

    return _act(request, pk, act)


def _loaded(request: HttpRequest, pk: int) -> Rollback:
    related = ("function__environment", "requested_by", "seconded_by", "hold")
    visible = Rollback.objects.visible_to(person_of(request))
    return get_object_or_404(visible.select_related(*related), pk=pk)


def _act(
    request: HttpRequest, pk: int, act: Callable[[Rollback, User, Origin], object]
) -> HttpResponse:
    """Act and show what came of it; a stale click shows it as it is, with the sentence."""
    found = _loaded(request, pk)
    try:
        act(found, person_of(request), Origin.of(request))
    except (Refused, InvalidInput) as problem:
        if isinstance(problem, NotAllowed) and not _is_news(request, pk, problem):
            raise
        return _page(request, pk, problem)
    return redirect("releases:rollback", pk)


def _is_news(request: HttpRequest, pk: int, refusal: NotAllowed) -> bool:
    """As for releases: whoever's page showed another state is late, nothing worse."""
    now = _loaded(request, pk).state
    return refusal.is_passing and request.POST.get("seen", now) != now


def _page(request: HttpRequest, pk: int, problem: Exception | None = None) -> HttpResponse:
    status = 200 if problem is None else 422 if isinstance(problem, InvalidInput) else 409
    found = _loaded(request, pk)
    context = {
        "page": _gather(found, person_of(request)),
        "rollback": found,
        "function": found.function,
        "problem": str(problem or ""),
        "status": status,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "rollbacks/rollback.html", context, status=status)


def _gather(found: Rollback, person: User) -> RollbackPage:
    """A fixed number of queries."""
    function = found.function
    numbers = [found.to_version, found.from_version or 0]
    versions = {each.number: each for each in function.versions.filter(number__in=numbers)}
    left, target = versions.get(found.from_version or 0), versions.get(found.to_version)
    waits = found.state == RollbackState.WAITING and target is not None
    events = AuditEvent.objects.filter(function_id=function.pk, data__rollback=found.pk)
    newer = Rollback.objects.filter(function=function, pk__gt=found.pk)
    return RollbackPage(
        rollback=found,
        agree=rollback_policy.can_second(person, found),
        withdraw=rollback_policy.can_withdraw_rollback(person, found),
        try_again=rollback_policy.can_try_again(person, found),
        undo=rollback_policy.can_roll_back_to(person, function, left),
        calls=Calls(list(found.aws_calls.order_by("-pk")[:CALLS])),
        events=list(events[:EVENTS]),
        newer=newer.select_related("requested_by").first(),
        hold=Hold.objects.filter(function=function, ended_at=None).first(),
        needed=rollback_policy.needs_second(function, target) if waits and target else "",
    )
