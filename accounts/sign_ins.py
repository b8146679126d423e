"""Sign-ins that were refused, as the history keeps them: bounded, for anybody can try."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

from accounts.models import User
from releases.audit import Origin, named, record

LONGEST_NAME = 150
# As long as the shortest limit of allauth lasts: a flood leaves one row a minute and address.
QUIET_SECONDS = 60


def sign_in_failed(request: HttpRequest | None, username: str) -> None:
    """A wrong password or a name that nobody has; allauth lets only so many through."""
    origin = Origin.of(request) if request else None
    record("person.sign_in_failed", by=None, origin=origin, username=_shown(username))


def sign_in_refused(request: HttpRequest, user: User, reason: str) -> None:
    """The password was right, and still nobody gets in."""
    origin = Origin.of(request)
    record("person.sign_in_refused", by=user, origin=origin, about=named(user), reason=reason)


def sign_in_limited(request: HttpRequest, username: str) -> None:
    """Refused unread, because too many failed before: said once a minute for each address."""
    origin = Origin.of(request)
    key = hashlib.sha256(str(origin.address).encode()).hexdigest()
    if cache.add(f"sign-in-limited:{key}", True, QUIET_SECONDS):
        record("person.sign_in_limited", by=None, origin=origin, username=_shown(username))


def _shown(username: str) -> str:
    """Only a name that somebody has: people type their password into the wrong field, too."""
    known = User.objects.filter(username=username[:LONGEST_NAME]).exists()
    return username if known else "somebody unknown"
