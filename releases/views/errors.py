"""Refusals and errors as pages: what happened, what it means, and a way on."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.csrf import csrf_failure

from accounts.middleware import READS
from accounts.models import User
from releases.actions.refusal import refused_request
from releases.audit import Origin
from releases.cause import caused_by
from releases.errors import NotAllowed, Refused
from releases.models import AuditEvent

NOT_THERE = "There is no such thing for them."
NOT_RIGHT = "What was sent was incomplete or not right."
UNUSABLE = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
FORGED = "The form did not come from a page of ours, or from one that was open for too long."


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
        with caused_by(Origin.of(request).request_id):
            response = self.get_response(request)
        if response.status_code == HTTPStatus.NOT_FOUND:
            keep_attempt(request, NOT_THERE)
        if response.status_code in UNUSABLE and not _has_row(request):
            keep_attempt(request, NOT_RIGHT)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method in READS:
            return not_a_page(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        _keep(request, exception)
        return refused(request, exception)


def not_a_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Whoever signed in once more may be led to where a form went: not to an empty page."""
    page = render(request, "405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
    page.headers["Allow"] = response.headers["Allow"]
    return page


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer to a form without our token, and a row of whoever was signed in."""
    keep_attempt(request, FORGED)
    return csrf_failure(request, reason)


def _has_row(request: HttpRequest) -> bool:
    """Whether an action has told of it already."""
    return AuditEvent.objects.filter(request_id=Origin.of(request).request_id).exists()


def keep_attempt(request: HttpRequest, reason: str) -> None:
    """What does not exist for somebody may exist: what they tried to do with it leaves a row."""
    person = request.user
    if request.method in READS or not isinstance(person, User):
        return
    refused_request(Refused(reason), request.path, by=person, origin=Origin.of(request))


def _keep(request: HttpRequest, refusal: Refused) -> None:
    """An attempt leaves its row, once: the action's own, or this one. Looking is no attempt."""
    if refusal.is_recorded or request.method in READS or not isinstance(request.user, User):
        return
    refused_request(refusal, request.path, by=request.user, origin=Origin.of(request))
