"""Where people come back to after signing in."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

View = Callable[..., HttpResponseBase]
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
        return redirect_to_login(_page(request), self.get_login_url(view_func))


def _page(request: HttpRequest) -> str:
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure()):
        return "/"
    page = urlsplit(referer)
    return page.path + (f"?{page.query}" if page.query else "")
