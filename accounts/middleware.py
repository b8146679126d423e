"""Where people come back to after signing in, and on which clock they read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User

View = Callable[..., HttpResponseBase]
# Where a time is looked up, compared and taken away by several people, or typed in UTC.
IN_UTC = ("/audit/", "/evidence/", "/people/", "/freezes/add/")
READS = ("GET", "HEAD", "OPTIONS")
NOTHING_DONE = "You were signed out, so nothing was done. Sign in and do it once more."


class SignInMiddleware(LoginRequiredMiddleware):
    """Leads whoever is not signed in to the sign-in page, and back.

    A form that was sent without a session is lost: its address answers no GET, so the way back
    is the page that held it, and the person is told that nothing was done.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: View) -> HttpResponseRedirect:
        if request.method in READS:
            return super().handle_no_permission(request, view_func)
        messages.warning(request, NOTHING_DONE)
        return redirect_to_login(page_before(request), self.get_login_url(view_func))


class TimeZoneMiddleware:
    """Pages show times on their reader's clock; the history and its evidence are in UTC for all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(_zone_of(request)):
            return self.get_response(request)


def _zone_of(request: HttpRequest) -> tzinfo:
    if not isinstance(request.user, User) or request.path.startswith(IN_UTC):
        return UTC
    try:
        return ZoneInfo(request.user.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        # A name that went out of use since it was chosen.
        return UTC


def page_before(request: HttpRequest) -> str:
    """The page of ours that this request was sent from."""
    referer = request.headers.get("Referer", "")
    if not is_ours(referer, request):
        return "/"
    page = urlsplit(referer)
    found = page.path + (f"?{page.query}" if page.query else "")
    # A path that begins with // is another site's address once nothing stands before it.
    return found if is_ours(found, request) else "/"


def is_ours(address: str, request: HttpRequest) -> bool:
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
