"""To the identity provider, back from it, and there once more to link an account."""

from __future__ import annotations

from typing import cast

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from accounts.models import User
from accounts.oidc.adapter import CONFIRM, failed
from accounts.oidc.configured import is_configured
from accounts.oidc.provider import OidcAdapter
from accounts.step_up import ROLL_BACK, limit_of
from releases.actions.admit import unlink_identity
from releases.audit import Origin
from releases.errors import StalePerson


@login_not_required
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """A link and no form: a policy of form-action 'self' would stop the redirect of a form."""
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    # Whoever is told of it has to say when it asked, and to ask whom it asked longer ago.
    max_age = str(int(limit_of(ROLL_BACK).total_seconds()))
    try:
        next_url = wanted if is_ours else ""
        return redirect(_address(request, AuthProcess.LOGIN, next_url, max_age=max_age))
    except ImmediateHttpResponse as answer:
        return cast(HttpResponse, answer.response)


@require_GET
def confirm(request: HttpRequest) -> HttpResponse:
    """Step-up by the provider, which is to ask whom it knows still, too."""
    try:
        return redirect(_address(request, CONFIRM, "", prompt="login", max_age="0"))
    except ImmediateHttpResponse as answer:
        return cast(HttpResponse, answer.response)


@login_not_required
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    _require_provider()
    adapter = OidcAdapter(request, settings.SLUICE_OIDC_ISSUER)
    return cast(HttpResponse, OAuth2CallbackView.adapter_view(adapter)(request))


@require_GET
def link(request: HttpRequest) -> HttpResponse:
    """Asks first, and only after a recent sign-in: what is linked is a way in.

    Who comes back in this session is linked, for nobody else knows its state.
    """
    try:
        address = _address(request, AuthProcess.CONNECT, "")
    except ImmediateHttpResponse as answer:
        return cast(HttpResponse, answer.response)
    return render(request, "account/link.html", {"address": address})


@require_POST
def unlink(request: HttpRequest) -> HttpResponse:
    try:
        unlink_identity(by=cast(User, request.user), origin=Origin.of(request))
    except StalePerson as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{settings.SLUICE_OIDC_NAME} signs you in no more.")
    return redirect("security")


def _address(request: HttpRequest, process: str, next_url: str, **asked: str) -> str:
    """Where the provider asks who it is. Raises ImmediateHttpResponse if it does not answer."""
    _require_provider()
    provider = get_adapter().get_provider(request, settings.SLUICE_OIDC_ISSUER)
    try:
        answer = provider.redirect(request, process, next_url=next_url or None, auth_params=asked)
    except (RequestException, OAuth2Error) as error:
        failed(request, error)
    return str(answer.headers["Location"])


def _require_provider() -> None:
    if not is_configured():
        raise Http404("There is no identity provider.")
