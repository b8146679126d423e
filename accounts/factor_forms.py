"""Second factors as they are typed or sent: allauth's forms, where ours are stricter."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError

from accounts.models import User

LONGEST_NAME = 60
NOT_ACCEPTED = "This passkey was not accepted. Try once more, or another way."
# What reading somebody's made-up bytes ends in; allauth expects only some of them.
MALFORMED = (
    ArithmeticError, AttributeError, InvalidSignature, LookupError, TypeError, ValueError,
    struct.error,
)  # fmt: skip


@contextmanager
def _refusing_rubbish() -> Iterator[None]:
    try:
        yield
    except MALFORMED as error:
        raise ValidationError(NOT_ACCEPTED, code="incorrect_code") from error


def is_first_use(person: User, code: str) -> bool:
    """Whether this code of an authenticator app was not used before, while it is good for anything.

    allauth forgets it after one period; with the tolerance for clocks it is good for longer.
    """
    periods = 2 * app_settings.TOTP_TOLERANCE + 1
    key = f"sluice.code-used:{person.pk}:{re.sub('[^0-9]', '', code)}"
    return bool(cache.add(key, True, periods * app_settings.TOTP_PERIOD))


class _Once(BaseAuthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        code: str = super().clean_code()
        by_app = self.authenticator.type == Authenticator.Type.TOTP
        if by_app and not is_first_use(self.user, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondCodeForm(_Once, AuthenticateForm):  # type: ignore[misc]
    """After the password."""


class StepUpCodeForm(_Once, ReauthenticateForm):  # type: ignore[misc]
    """Once more."""


class AddAppForm(ActivateTOTPForm):  # type: ignore[misc]
    """Until it is confirmed the secret waits in the session, which is in the database, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        # Not ActivateTOTPForm's, which would put the secret into the session in clear.
        forms.Form.__init__(self, *args, **kwargs)
        session = context.request.session
        kept = session.get(SECRET_SESSION_KEY) if self.is_bound else None
        self.secret = decrypt(kept) if kept else generate_totp_secret()
        if not kept:
            session[SECRET_SESSION_KEY] = encrypt(self.secret)

    def clean_code(self) -> str:
        code: str = super().clean_code()
        # What confirmed the app signs nobody in any more.
        is_first_use(self.user, code)
        return code


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Only passkeys, which know their person: a key that does not cannot sign anybody in alone."""

    name = forms.CharField(max_length=LONGEST_NAME, required=False)
    passwordless = None

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        with _refusing_rubbish():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class _Used(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey that is used: nothing that a browser sends may be more than refused."""

    def clean_credential(self) -> Authenticator:
        with _refusing_rubbish():
            found: Authenticator = super().clean_credential()
        return found


class SecondPasskeyForm(_Used):
    """After the password."""


class SignInPasskeyForm(_Used, LoginWebAuthnForm):  # type: ignore[misc]
    """Instead of it."""


class StepUpPasskeyForm(_Used, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Once more."""
