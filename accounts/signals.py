"""Signing in and out, and failing to, are part of the history."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from accounts.sign_ins import sign_in_failed as failed
from releases.audit import Origin, record


@receiver(user_logged_in)
def signed_in(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    record("person.signed_in", by=user, origin=Origin.of(request))


@receiver(user_logged_out)
def signed_out(sender: object, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        record("person.signed_out", by=user, origin=Origin.of(request))


@receiver(user_login_failed)
def sign_in_failed(
    sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    # Django has already masked the password; of the rest only the name is kept.
    failed(request, str(credentials.get("username", "")))
