"""How django-allauth signs people in here: by invitation only, so nobody signs up alone."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.sign_ins import sign_in_limited, sign_in_refused


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "The username or the password is wrong.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            sign_in_limited(request, str(credentials.get("username", "")))
            raise

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        sign_in_refused(request, user, "this account is deactivated")
        messages.error(request, "This account is deactivated. Ask an administrator.")
        return redirect("account_login")
