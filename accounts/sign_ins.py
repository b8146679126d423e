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
    if _is_news(f"sign-in-limited:{origin.address}"):
        record("person.sign_in_limited", by=None, origin=origin, username=_shown(username))


def unknown_code(request: HttpRequest, kind: str) -> None:
    """Somebody tried a code that nobody was given: said once a minute for each address."""
    origin = Origin.of(request)
    if _is_news(f"unknown-{kind}:{origin.address}"):
        record("person.unknown_code", by=None, origin=origin, kind=kind)


def provider_failed(request: HttpRequest, provider: str, reason: str) -> None:
    """Nobody was signed in, and nobody knows who it was: said once a minute for each address."""
    origin = Origin.of(request)
    if _is_news(f"provider-failed:{origin.address}"):
        record("person.provider_failed", by=None, origin=origin, provider=provider, reason=reason)


def second_factor_failed(request: HttpRequest, user: User, *, limited: bool) -> None:
    """The password was right, and what had to follow was not."""
    origin = Origin.of(request)
    if not limited:
        record("person.second_factor_failed", by=None, origin=origin, username=user.username)
    elif _is_news(f"second-factor-limited:{user.pk}"):
        record("person.sign_in_limited", by=None, origin=origin, username=user.username)


def stepped_up(request: HttpRequest, person: User, how: str) -> None:
    """Somebody who is signed in proved once more that it is them."""
    record("person.stepped_up", by=person, origin=Origin.of(request), how=how)


def step_up_failed(request: HttpRequest, person: User, how: str, *, limited: bool) -> None:
    """The session is theirs, the answer was not; refused unread is said once a minute."""
    if not limited:
        record("person.step_up_failed", by=person, origin=Origin.of(request), how=how)
    elif _is_news(f"step-up-limited:{person.pk}"):
        record("person.step_up_limited", by=person, origin=Origin.of(request), how=how)


def confirm_failed(request: HttpRequest, person: User, provider: str, reason: str) -> None:
    """They came back from the provider, and it did not say what had to be said."""
    record("person.confirm_failed", by=person, origin=Origin.of(request), provider=provider,
           reason=reason)  # fmt: skip


def _is_news(key: str) -> bool:
    return cache.add(hashlib.sha256(key.encode()).hexdigest(), True, QUIET_SECONDS)


def _shown(username: str) -> str:
    """Only a name that somebody has: people type their password into the wrong field, too."""
    known = User.objects.filter(username=username[:LONGEST_NAME]).exists()
    return username if known else "somebody unknown"
