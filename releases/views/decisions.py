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
from releases.actions.adopt import adopt as adopt_drift
from releases.actions.approve import approve as give_approval
from releases.actions.cancel import cancel as cancel_release
from releases.actions.reject import reject as reject_release
from releases.actions.request_draft import request_draft as request_drafted_release
from releases.actions.retry import retry as retry_release
from releases.actions.stage_again import stage_again as stage_release_again
from releases.actions.withdraw_approval import withdraw_approval as take_approval_back
from releases.audit import Origin
from releases.errors import InvalidInput, NotAllowed, Refused
from releases.models import Release
from releases.views.filters import person_of
from releases.views.release import context, load

Act = Callable[[Release, User, Origin], object]
Action = Callable[..., object]
View = Callable[[HttpRequest, int], HttpResponse]
# What an action is told, and the field of the form that it is typed into.
FIELDS = {"fingerprint": "fingerprint", "note": "note", "reason": "note"}


def _decision(action: Action, said: str, *words: str) -> View:
    """The view of one decision; `words` are what its action is told from the form."""

    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        typed = {word: request.POST.get(FIELDS[word], "").strip() for word in words}

        def act(release: Release, by: User, origin: Origin) -> object:
            return action(release, by=by, origin=origin, **typed)

        return decide(request, pk, act, said)

    return view


approve = _decision(give_approval, "You approved {}.", "fingerprint", "note")
reject = _decision(reject_release, "You rejected {}.", "fingerprint", "reason")
withdraw_approval = _decision(take_approval_back, "You withdrew your approval of {}.")
cancel = _decision(cancel_release, "You cancelled {}.", "reason")
request_draft = _decision(request_drafted_release, "You requested {}.")
retry = _decision(retry_release, "{} goes through again.")
stage_again = _decision(stage_release_again, "{} will be staged again.")
adopt = _decision(adopt_drift, "{} now holds what is in AWS.")


def decide(request: HttpRequest, pk: int, act: Act, said: str) -> HttpResponse:
    """Act and go back to the release; a stale click shows it as it is, with the sentence.

    The action asks the policy, under the row's lock, and records a refusal.
    """
    release = load(request, pk)
    try:
        act(release, person_of(request), Origin.of(request))
    except (Refused, InvalidInput) as problem:
        if isinstance(problem, NotAllowed) and not _is_news(request, pk, problem):
            raise
        return _again(request, pk, problem)
    messages.success(request, said.format(release.reference))
    address = reverse("releases:release", args=[pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


def _is_news(request: HttpRequest, pk: int, refusal: NotAllowed) -> bool:
    """A no to somebody whose page showed another state is news to them, not a lack of rights."""
    now = load(request, pk).state
    return refusal.is_passing and request.POST.get("seen", now) != now


def _again(request: HttpRequest, pk: int, problem: Exception) -> HttpResponse:
    status = 422 if isinstance(problem, InvalidInput) else 409
    typed = {"problem": str(problem), "status": status, "note": _note(request)}
    typed["field"] = getattr(problem, "field", None)
    page = context(request, load(request, pk), **typed)
    return render(request, "releases/release.html", page, status=status)


def _note(request: HttpRequest) -> str:
    return request.POST.get("note", "").strip()
