"""How django-allauth signs people in here: by invitation only, so nobody signs up alone."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.oidc.configured import passwords_allowed
from accounts.sign_ins import sign_in_limited, sign_in_refused
from accounts.step_up import PROVIDER_ASKED_AT


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "The username or the password is wrong.",
        "incorrect_password": "This password is wrong.",
        "too_many_login_attempts": "Too many were wrong. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        # `accounts.step_up` asks, at every address that needs it.
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if not passwords_allowed():
            raise ValidationError(f"Passwords are off: sign in with {settings.SLUICE_OIDC_NAME}.")
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            if not request.user.is_authenticated:
                sign_in_limited(request, str(credentials.get("username", "")))
            raise

    def pre_login(
        self, request: HttpRequest, user: User, *, signal_kwargs: Any, **kwargs: Any
    ) -> HttpResponse | None:
        if sociallogin := (signal_kwargs or {}).get("sociallogin"):
            request.session[PROVIDER_ASKED_AT] = sociallogin.identity.asked_at
        answer: HttpResponse | None = super().pre_login(
            request, user, signal_kwargs=signal_kwargs, **kwargs
        )
        return answer

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        sign_in_refused(request, user, "this account is deactivated")
        messages.error(request, "This account is deactivated. Ask an administrator.")
        return redirect("account_login")
