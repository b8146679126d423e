"""Second factors at rest, and how they look: what allauth.mfa asks its adapter."""

from __future__ import annotations

import base64
from typing import ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from accounts.models import User

# The key of one purpose is no use for another, though the setting were shared.
PURPOSE = b"sluice second factors"
XML = "<?xml version='1.0' encoding='UTF-8'?>"


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages: ClassVar = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong, or was used before.",
    }

    def encrypt(self, text: str) -> str:
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _keys().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: User) -> str:
        return user.username

    def build_totp_svg(self, url: str) -> str:
        """As an element of the page: a data: address is not in our content security policy."""
        return str(super().build_totp_svg(url)).removeprefix(XML).strip()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        known = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {known + 1}"


def _keys() -> MultiFernet:
    return MultiFernet([_derived(key) for key in settings.SLUICE_FACTOR_KEY])


def _derived(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
