"""What people decide about a release: each view asks the policy and calls one action."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from releases import policy
from releases.actions.adopt import adopt as adopt_drift
from releases.actions.approve import approve as give_approval
from releases.actions.cancel import cancel as cancel_release
from releases.actions.reject import reject as reject_release
from releases.actions.request_draft import request_draft as request_drafted_release
from releases.actions.retry import retry as retry_release
from releases.actions.stage_again import stage_again as stage_release_again
from releases.actions.withdraw_approval import withdraw_approval as take_approval_back
from releases.audit import Origin
from releases.errors import InvalidInput, NotAllowed, Refused, StaleRelease
from releases.models import Release
from releases.views.release import context, load

Ask = Callable[[User, Release], policy.Decision]
Act = Callable[[Release, User, Origin], object]


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    fingerprint, note = request.POST.get("fingerprint", ""), _note(request)

    def act(release: Release, by: User, origin: Origin) -> None:
        give_approval(release, by=by, origin=origin, fingerprint=fingerprint, note=note)

    return decide(request, pk, policy.can_approve, act, "You approved {}.")


@require_POST
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    fingerprint, reason = request.POST.get("fingerprint", ""), _note(request)

    def act(release: Release, by: User, origin: Origin) -> None:
        reject_release(release, by=by, origin=origin, fingerprint=fingerprint, reason=reason)

    return decide(request, pk, policy.can_reject, act, "You rejected {}.")


@require_POST
def withdraw_approval(request: HttpRequest, pk: int) -> HttpResponse:
    def act(release: Release, by: User, origin: Origin) -> None:
        take_approval_back(release, by=by, origin=origin)

    said = "You withdrew your approval of {}."
    return decide(request, pk, policy.can_withdraw_approval, act, said)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    def act(release: Release, by: User, origin: Origin) -> None:
        cancel_release(release, by=by, origin=origin, reason=_note(request))

    return decide(request, pk, policy.can_cancel, act, "You cancelled {}.")


@require_POST
def request_draft(request: HttpRequest, pk: int) -> HttpResponse:
    def act(release: Release, by: User, origin: Origin) -> None:
        request_drafted_release(release, by=by, origin=origin)

    return decide(request, pk, policy.can_request_draft, act, "You requested {}.")


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    def act(release: Release, by: User, origin: Origin) -> None:
        retry_release(release, by=by, origin=origin)

    return decide(request, pk, policy.can_retry, act, "{} goes through again.")


@require_POST
def stage_again(request: HttpRequest, pk: int) -> HttpResponse:
    def act(release: Release, by: User, origin: Origin) -> None:
        stage_release_again(release, by=by, origin=origin)

    return decide(request, pk, policy.can_resolve_conflict, act, "{} will be staged again.")


@require_POST
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    def act(release: Release, by: User, origin: Origin) -> None:
        adopt_drift(release, by=by, origin=origin)

    return decide(request, pk, policy.can_resolve_conflict, act, "{} now holds what is in AWS.")


def decide(request: HttpRequest, pk: int, ask: Ask, act: Act, said: str) -> HttpResponse:
    """Act and go back to the release; a stale click shows it as it is, with the sentence.

    The action asks the policy once more, under the row's lock, and records a refusal.
    """
    release, user = load(request, pk), request.user
    assert isinstance(user, User)  # noqa: S101
    try:
        _refuse_stale(request, release, ask(user, release))
        act(release, user, Origin.of(request))
    except NotAllowed:
        raise
    except (Refused, InvalidInput) as problem:
        return _again(request, pk, problem)
    messages.success(request, said.format(release.reference))
    address = reverse("releases:release", args=[pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


def _refuse_stale(request: HttpRequest, release: Release, decision: policy.Decision) -> None:
    """A no to somebody whose page showed another state is news to them, not a lack of rights."""
    if decision.is_passing and request.POST.get("seen", release.state) != release.state:
        raise StaleRelease(decision.reason)


def _again(request: HttpRequest, pk: int, problem: Exception) -> HttpResponse:
    status = 422 if isinstance(problem, InvalidInput) else 409
    typed = {"problem": str(problem), "status": status, "note": _note(request)}
    typed["field"] = getattr(problem, "field", None)
    page = context(request, load(request, pk), **typed)
    return render(request, "releases/release.html", page, status=status)


def _note(request: HttpRequest) -> str:
    return request.POST.get("note", "").strip()
