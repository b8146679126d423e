"""Browsers of the tests' client in which somebody is signed in, now or long ago."""

from __future__ import annotations

import time
from datetime import timedelta

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from accounts import last_seen
from accounts.models import User

PASSWORD = "a long password for tests"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NOW = timedelta(0)


def signed_in(person: User, *, ago: timedelta = NOW) -> Client:
    """With a session as a sign-in by password leaves it, but without any of a sign-in's work."""
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: BACKEND,
            HASH_SESSION_KEY: person.get_session_auth_hash(),
            "account_authentication_methods": [
                {"method": "password", "at": time.time() - ago.total_seconds()}
            ],
            "account_authentication_methods_user": str(person.pk),
        }
    )
    session.create()
    assert session.session_key
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    # As a sign-in by hand leaves it: the first page costs no more than the others.
    last_seen.is_due(session.session_key)
    return client


def signs_in(person: User) -> Client:
    """All of a sign-in, with its event in the history."""
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def code_of(secret: str) -> str:
    """What an authenticator app shows at this moment."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def a_session(
    person: User, user_agent: str = "Mozilla/5.0 (X11; Linux) Firefox/140.0"
) -> UserSession:
    """Another browser of theirs, as its first page leaves it."""
    client = Client()
    client.force_login(person, backend=BACKEND)
    client.get("/accounts/security/", headers={"User-Agent": user_agent})
    return UserSession.objects.get(session_key=client.session.session_key)
