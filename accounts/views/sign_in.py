"""Signing in beyond the password: the second factor after it, or a passkey instead of it."""

from __future__ import annotations

import json
from typing import Any

from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.utils.decorators import method_decorator

from accounts.factors import Factors
from accounts.forms import LIMITED
from accounts.sign_ins import second_factor_failed, sign_in_failed


@method_decorator(login_not_required, name="dispatch")
class SecondFactor(AuthenticateView):  # type: ignore[misc]
    def form_invalid(self, form: Any) -> HttpResponse:
        field = "code" if "code" in form.fields else "credential"
        if self.request.POST.get(field):
            limited = form.has_error(field, LIMITED)
            second_factor_failed(self.request, self.stage.login.user, limited=limited)
        answer: HttpResponse = super().form_invalid(form)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        has = Factors.of(self.stage.login.user)
        options = json.dumps(found["js_data"]["request_options"]) if has.passkeys else ""
        return found | {"has": has, "passkey_options": options}


@method_decorator(login_not_required, name="dispatch")
class PasskeySignIn(LoginWebAuthnView):  # type: ignore[misc]
    def form_invalid(self, form: Any) -> HttpResponse:
        sign_in_failed(self.request, "")
        answer: HttpResponse = super().form_invalid(form)
        return answer
