"""What allauth asks before it lets anybody in whom the identity provider sends."""

from __future__ import annotations

import time
from typing import Any, NoReturn, cast

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect, render
from requests import RequestException

from accounts.models import User
from accounts.oidc.configured import app_settings, is_configured
from accounts.oidc.http import Session, Untrusted
from accounts.oidc.provider import Identity, OidcProvider
from accounts.sign_ins import confirm_failed, provider_failed, stepped_up
from accounts.step_up import DECIDE, PROVIDER_ASKED_AT, limit_of
from accounts.ways_in import linked_to
from releases.actions.admit import NoWayIn, admit, link_identity
from releases.audit import Origin
from releases.errors import Refused

# Beside allauth's own: somebody who is signed in is asked once more who they are.
CONFIRM = "confirm"


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def list_apps(
        self, request: HttpRequest, provider: object = None, client_id: object = None
    ) -> list[SocialApp]:
        """The one of the environment: a row in the database adds no way in."""
        return [SocialApp(**app_settings())] if is_configured() else []

    def get_provider(
        self, request: HttpRequest, provider: object, client_id: object = None
    ) -> OidcProvider:
        return OidcProvider(request, app=self.get_app(request, provider=provider))

    def get_requests_session(self) -> Session:
        return Session()

    def authenticate_by_email(self, login: SocialLogin) -> None:
        return None

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let allauth go on with the person that this identity is here, or end it with a page."""
        process = sociallogin.state.get("process")
        if process == AuthProcess.CONNECT:
            _link(request, sociallogin)
        if process == CONFIRM:
            _require_the_same(request, sociallogin.identity)
        try:
            account = admit(sociallogin.identity, origin=Origin.of(request))
        except NoWayIn as error:
            context = {"reason": str(error), "provider": app_settings()["name"]}
            page = render(request, "account/no_way_in.html", context, status=403)
            # Their sessions may have ended with their role, this one included: none is to be kept.
            if not request.session.exists(request.session.session_key or ""):
                request.session.flush()
            raise ImmediateHttpResponse(page) from error
        if process == CONFIRM:
            _confirm(request, sociallogin.identity)
        sociallogin.account, sociallogin.user = account, account.user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: OidcProvider,
        error: object = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        # Without the state that it was begun with there is nothing else to say.
        is_lost = "state_id" in (extra_context or {})
        # Said by some providers without the state: it lets nobody in, so it can be believed.
        is_cancelled = request.GET.get("error") == "access_denied"
        failed(request, exception, is_lost=is_lost, is_cancelled=is_cancelled)


def failed(
    request: HttpRequest, error: Exception | None, *, is_lost: bool = False,
    is_cancelled: bool = False,
) -> NoReturn:  # fmt: skip
    """Lead back to the other ways in, with a sentence. Raises ImmediateHttpResponse, always."""
    name = app_settings()["name"]
    if is_cancelled:
        reason = f"You were not signed in: {name} says that you changed your mind."
    elif isinstance(error, RequestException):
        reason = (
            f"{name} does not answer as it should. Try again in a moment, or sign in otherwise."
        )
    elif error is None and is_lost:
        reason = "This sign-in is over already, or was begun in another browser. Begin it again."
    else:
        # What others raise may hold whatever the provider wrote.
        why = str(error) if isinstance(error, Untrusted) else "It did not accept the sign-in."
        reason = f"You could not be signed in by {name}. {why}"
    provider_failed(request, name, reason)
    messages.error(request, reason)
    raise ImmediateHttpResponse(redirect("account_login"))


def _require_the_same(request: HttpRequest, identity: Identity) -> None:
    """Go on only with whom this browser is signed in as. Raises ImmediateHttpResponse."""
    person = request.user
    if not isinstance(person, User):
        failed(request, None, is_lost=True)
    account = linked_to(person)
    if account is None or account.uid != identity.subject:
        name = app_settings()["name"]
        _answer(request, f"You signed in at {name} as somebody else. Sign out there, then try it"
                " once more.")  # fmt: skip


def _confirm(request: HttpRequest, identity: Identity) -> NoReturn:
    """In a tab of its own, and without a new session: the form that waits is still good."""
    name = app_settings()["name"]
    if time.time() - identity.asked_at > limit_of(DECIDE).total_seconds():
        _answer(request, f"{name} does not say that it asked you just now, so it cannot confirm"
                " that it is you. Use a passkey or a code, or ask whoever manages it to send"
                " auth_time.")  # fmt: skip
    request.session[PROVIDER_ASKED_AT] = identity.asked_at
    stepped_up(request, cast(User, request.user), name)
    _answer(request, "")


def _answer(request: HttpRequest, problem: str) -> NoReturn:
    name = app_settings()["name"]
    if problem:
        confirm_failed(request, cast(User, request.user), name, problem)
    said = {"problem": problem, "provider": name}
    page = render(request, "step_up/confirmed.html", said, status=403 if problem else 200)
    raise ImmediateHttpResponse(page)


def _link(request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
    person = request.user
    if not isinstance(person, User):
        failed(request, None, is_lost=True)
    try:
        link_identity(sociallogin.identity, by=person, origin=Origin.of(request))
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"You can sign in with {app_settings()['name']} from now on.")
    raise ImmediateHttpResponse(redirect("releases:person", person.pk))
