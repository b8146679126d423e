"""Refusals and errors as pages: what happened, what it means, and a way on."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.middleware import READS
from accounts.models import User
from releases.actions.refusal import refused_request
from releases.audit import Origin
from releases.errors import NotAllowed, Refused


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """403 where the policy says no, 409 where somebody or something was faster."""
    status = 403 if isinstance(refusal, NotAllowed) else 409
    if not request.headers.get("HX-Request"):
        context = {"reason": str(refusal), "release_pk": _release_of(request)}
        return render(request, f"{status}.html", context, status=status)
    notice = {"reason": str(refusal), "status": status}
    response = render(request, "includes/_refused.html", notice, status=status)
    response["HX-Retarget"] = "#messages"
    response["HX-Reswap"] = "innerHTML show:window:top"
    return response


def _release_of(request: HttpRequest) -> int | None:
    """The release whose page or action was asked for: the way back."""
    match = request.resolver_match
    if match is None or not match.route.startswith("releases/<int:pk>/"):
        return None
    pk: int = match.kwargs["pk"]
    return pk


class RefusalMiddleware:
    """Turns `Refused`, raised by any view or action, into its page or its notice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        _keep(request, exception)
        return refused(request, exception)


def _keep(request: HttpRequest, refusal: Refused) -> None:
    """An attempt leaves its row, once: the action's own, or this one. Looking is no attempt."""
    if refusal.is_recorded or request.method in READS or not isinstance(request.user, User):
        return
    refused_request(refusal, request.path, by=request.user, origin=Origin.of(request))
