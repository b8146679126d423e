"""Who stands behind a session cookie, asked outside of a request and its connection."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import connections
from django.http import HttpRequest


class SessionAsRead(dict[str, Any]):
    """A session's content. Looking never signs anybody out nor gives out a new key."""

    def flush(self) -> None: ...

    def cycle_key(self) -> None: ...


def signed_in(session_keys: Iterable[str]) -> dict[str, int]:
    """The people who are signed in and active, by session key. For a thread of its own.

    Holds no connection afterwards: open streams must not count against PostgreSQL's.
    """
    try:
        found = {key: _person(key) for key in session_keys}
    finally:
        connections.close_all()
    return {key: person for key, person in found.items() if person is not None}


def _person(session_key: str) -> int | None:
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    request = HttpRequest()
    request.session = SessionAsRead(store.load())  # type: ignore[assignment]
    user = get_user(request)
    return user.pk if user.is_active else None
