"""When and from where a session was last used, for its person to look at."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from releases.audit import Origin

# Kept in each process, so that no page pays for it with a query, and a session, which is saved
# as a whole, never loses what another request wrote into it.
EVERY_SECONDS = 60.0
MOST = 10_000
_seen: dict[str, float] = {}


def is_due(session_key: str) -> bool:
    """Whether to write it down now: at most once a minute and process for each session."""
    now = time.monotonic()
    if now - _seen.get(session_key, -EVERY_SECONDS) < EVERY_SECONDS:
        return False
    if len(_seen) >= MOST:
        _seen.clear()
    _seen[session_key] = now
    return True


class LastSeenMiddleware:
    """In the place of allauth's, which writes with every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key, address = request.session.session_key, Origin.of(request).address
        if key and address and request.user.is_authenticated and is_due(key):
            known = UserSession.objects.filter(session_key=key, user=request.user)
            if not known.update(last_seen_at=timezone.now(), ip=address):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)
