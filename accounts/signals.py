"""Signing in and out, and failing to, are part of the history."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_used
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.break_glass import end_break_glass
from accounts.models import User
from accounts.sign_ins import sign_in_failed as failed
from releases.audit import Origin, record


@receiver(user_logged_in)
def signed_in(sender: object, request: HttpRequest, user: User, **kwargs: Any) -> None:
    record("person.signed_in", by=user, origin=Origin.of(request))


@receiver(authenticator_used)
def factor_used(
    sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """A recovery code that nobody remembers using is the trace of somebody else."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        # What was used up is known to the row, and not to this object of it.
        authenticator.refresh_from_db()
        left = len(authenticator.wrap().get_unused_codes())
        record("person.recovery_code_used", by=user, origin=Origin.of(request), left=left)


@receiver(user_logged_out)
def signed_out(sender: object, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        end_break_glass(request)
        record("person.signed_out", by=user, origin=Origin.of(request))
    # `config.headers` then has the browser forget the pages of this person.
    request.has_signed_out = True  # type: ignore[attr-defined]


@receiver(user_login_failed)
def sign_in_failed(
    sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    if request and request.user.is_authenticated:
        # Not a sign-in, but somebody who was asked once more: `sign_ins.step_up_failed` tells.
        return
    # Django has already masked the password; of the rest only the name is kept.
    failed(request, str(credentials.get("username", "")))
