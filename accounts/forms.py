"""What people type to prove that it is them."""

from __future__ import annotations

import json
from typing import Any, cast

from allauth.account.forms import ReauthenticateForm as PasswordAnswer
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.functional import cached_property

from accounts.factor_forms import NOT_ACCEPTED
from accounts.factor_forms import StepUpCodeForm as CodeAnswer
from accounts.factor_forms import StepUpPasskeyForm as PasskeyAnswer
from accounts.models import User
from accounts.oidc.configured import is_configured, passwords_allowed
from accounts.ways_in import linked_to

LIMITED = "too_many_login_attempts"
LONGEST = 1_000
WAYS = {"credential": "passkey", "code": "code", "password": "password"}
Answer = PasswordAnswer | CodeAnswer | PasskeyAnswer
ANSWERS: dict[str, type[Any]] = {
    "credential": PasskeyAnswer, "code": CodeAnswer, "password": PasswordAnswer
}  # fmt: skip


class StepUpForm(forms.Form):
    """One answer of three, whichever was given; allauth checks it and counts what was wrong."""

    prefix = "step_up"
    password = forms.CharField(required=False, strip=False, max_length=LONGEST)
    code = forms.CharField(required=False, max_length=LONGEST)
    credential = forms.CharField(required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.given = ""
        self._answer: Any = None

    @classmethod
    def of(cls, request: HttpRequest) -> StepUpForm:
        """Bound if an answer was sent along."""
        sent = any(name.startswith(f"{cls.prefix}-") for name in request.POST)
        return cls(request.POST if sent else None, user=cast(User, request.user))

    @property
    def how(self) -> str:
        return WAYS[self.given]

    @property
    def is_limited(self) -> bool:
        return any(self.has_error(name, LIMITED) for name in WAYS)

    @cached_property
    def kinds(self) -> set[str]:
        factors = Authenticator.objects.filter(user=self.user)
        return set(factors.values_list("type", flat=True))

    @property
    def takes_password(self) -> bool:
        return passwords_allowed() and self.user.has_usable_password()

    @property
    def takes_code(self) -> bool:
        return bool(self.kinds & {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES})

    @property
    def takes_passkey(self) -> bool:
        return Authenticator.Type.WEBAUTHN in self.kinds

    @cached_property
    def provider(self) -> str:
        """The identity provider that can be asked, by its name; empty where none can."""
        return settings.SLUICE_OIDC_NAME if is_configured() and linked_to(self.user) else ""

    @property
    def takes_any(self) -> bool:
        return bool(self.takes_password or self.takes_code or self.takes_passkey or self.provider)

    def passkey_options(self) -> str:
        """A new challenge for the browser, as JSON; the session keeps it."""
        return json.dumps(begin_authentication(self.user))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        self.given = next((name for name in WAYS if cleaned.get(name)), "")
        if not self.given:
            else_ = f", and {self.provider} has not confirmed you" if self.provider else ""
            raise ValidationError(f"Nothing was entered{else_}, so nothing was done.")
        self._answer = ANSWERS[self.given](data={self.given: cleaned[self.given]}, user=self.user)
        for problem in self._answer.errors.as_data().get(self.given, ()):
            is_refused = self.given == "credential" and problem.code != LIMITED
            self.add_error(self.given, NOT_ACCEPTED if is_refused else problem)
        return cleaned

    def save(self, request: HttpRequest) -> None:
        """From now on this session counts as signed in just now."""
        if self.given == "password":
            reauthenticate_by_password(request)
        else:
            self._answer.save()
