"""Signing in and out, and failing to, are part of the history."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from releases.audit import Origin, record

LONGEST_NAME = 150


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
    username = str(credentials.get("username", ""))[:LONGEST_NAME]
    origin = Origin.of(request) if request else None
    record("person.sign_in_failed", by=None, origin=origin, username=username)
