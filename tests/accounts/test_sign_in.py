"""Signing in: with a second factor, with a passkey, bounded, and never into somebody's hands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as django_settings
from django.test import Client

from accounts.models import User
from releases.models import AuditEvent
from tests.passkeys import RUBBISH, Key, a_passkey, tampered
from tests.signing_in import PASSWORD, SECRET, code_of

SECOND = "/accounts/login/second-factor/"
PASSKEY = "/accounts/login/passkey/"


def by_password(client: Client, password: str = PASSWORD, **more: str) -> Any:
    typed = {"login": "somebody", "password": password}
    return client.post("/accounts/login/", typed | more)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def told() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("sentence", flat=True))


@pytest.fixture
def with_app(somebody: User) -> User:
    TOTP.activate(somebody, SECRET)
    return somebody


def challenge(client: Client, key: Key) -> None:
    session = client.session
    session.update(key.session)
    session.save()
    client.cookies["sessionid"] = str(session.session_key)


def test_without_a_second_factor_the_password_is_enough(client: Client, somebody: User) -> None:
    assert by_password(client).headers["Location"] == "/"
    assert is_in(client)


def test_the_password_alone_is_not_enough_with_one(client: Client, with_app: User) -> None:
    assert by_password(client).headers["Location"] == SECOND
    assert not is_in(client)
    assert client.get("/").headers["Location"].startswith("/accounts/login/")


def test_the_right_code_signs_in_and_leads_back(client: Client, with_app: User) -> None:
    by_password(client, next="/audit/")
    done = client.post(SECOND, {"code": code_of(SECRET)})
    assert done.headers["Location"] == "/audit/"
    assert is_in(client)
    assert told() == ["somebody signed in"]


def test_a_code_counts_once(client: Client, with_app: User) -> None:
    code = code_of(SECRET)
    by_password(client)
    client.post(SECOND, {"code": code})
    other = Client()
    by_password(other)
    assert "was used before" in other.post(SECOND, {"code": code}).content.decode()
    assert not is_in(other)


def test_a_wrong_code_is_said_and_told(client: Client, with_app: User) -> None:
    by_password(client)
    page = client.post(SECOND, {"code": "000000"}).content.decode()
    assert "This code is wrong" in page
    assert told() == [
        "A sign-in as somebody failed: the password was right, the second factor was not"
    ]


def test_guessing_codes_ends(client: Client, with_app: User) -> None:
    by_password(client)
    for _ in range(9):
        page = client.post(SECOND, {"code": "000000"}).content.decode()
    assert "Too many were wrong" in page
    client.post(SECOND, {"code": code_of(SECRET)})
    assert not is_in(client)
    assert len(told()) == 6
    assert told()[-1] == "Too many sign-ins as somebody failed: it is refused for a while"


def test_a_recovery_code_counts_once_and_is_told(client: Client, with_app: User) -> None:
    code = RecoveryCodes.activate(with_app).get_unused_codes()[0]
    by_password(client)
    client.post(SECOND, {"code": code})
    assert is_in(client)
    assert "somebody used a recovery code; 9 are left" in told()
    other = Client()
    by_password(other)
    other.post(SECOND, {"code": code})
    assert not is_in(other)


def test_the_second_step_cannot_be_reached_without_the_first(client: Client) -> None:
    assert client.get(SECOND).headers["Location"] == "/accounts/login/"


def test_a_passkey_signs_in_alone(client: Client, somebody: User) -> None:
    key = Key()
    a_passkey(somebody, key)
    challenge(client, key)
    done = client.post(PASSKEY, {"credential": key.used(somebody), "next": "/audit/"})
    assert done.headers["Location"] == "/audit/"
    assert is_in(client)


def test_a_passkey_is_a_second_factor(client: Client, somebody: User) -> None:
    key = Key()
    a_passkey(somebody, key)
    by_password(client)
    assert not is_in(client)
    session = client.session
    session.update(key.session)
    session.save()
    client.post(SECOND, {"credential": key.used(somebody)})
    assert is_in(client)


def test_another_persons_passkey_signs_nobody_in(
    client: Client, somebody: User, manager: User
) -> None:
    key = Key()
    a_passkey(manager, key)
    challenge(client, key)
    client.post(PASSKEY, {"credential": key.used(somebody)})
    assert not is_in(client)
    assert told() == ["A sign-in as somebody unknown failed"]


def test_a_deactivated_persons_passkey_signs_nobody_in(client: Client, somebody: User) -> None:
    key = Key()
    a_passkey(somebody, key)
    User.objects.filter(pk=somebody.pk).update(is_active=False)
    challenge(client, key)
    client.post(PASSKEY, {"credential": key.used(somebody)})
    assert not is_in(client)
    assert told()[-1] == "somebody was not allowed to sign in: this account is deactivated"


@pytest.mark.parametrize("sent", RUBBISH)
def test_rubbish_signs_nobody_in(client: Client, somebody: User, sent: str) -> None:
    assert client.post(PASSKEY, {"credential": sent}).status_code == 302
    assert not is_in(client)
    TOTP.activate(somebody, SECRET)
    by_password(client)
    assert client.post(SECOND, {"credential": sent}).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize("how", ["cut", "other", "gone", "number"])
def test_a_passkeys_answer_that_was_tampered_with_signs_nobody_in(
    client: Client, somebody: User, part: str, how: str
) -> None:
    key = Key()
    a_passkey(somebody, key)
    challenge(client, key)
    answer = tampered(key.used(somebody), part, how)
    assert client.post(PASSKEY, {"credential": answer}).status_code == 302
    assert not is_in(client)


def test_a_passkey_answers_one_challenge_once(client: Client, somebody: User) -> None:
    key = Key()
    a_passkey(somebody, key)
    challenge(client, key)
    answer = key.used(somebody)
    client.post(PASSKEY, {"credential": answer})
    other = Client()
    other.post(PASSKEY, {"credential": answer})
    assert not is_in(other)


# --- limits -------------------------------------------------------------------------------------
def test_guessing_a_password_ends(client: Client, somebody: User) -> None:
    for _ in range(6):
        page = by_password(client, "wrong").content.decode()
    assert "Too many were wrong" in page
    by_password(client)
    assert not is_in(client)


def test_too_many_posts_are_refused_unread(client: Client, somebody: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    answers = [by_password(client, "wrong").status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert "Too many attempts" in by_password(client).content.decode()


def test_it_works_and_is_limited_while_redis_is_down(
    client: Client, with_app: User, settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    by_password(client)
    client.post(SECOND, {"code": code_of(SECRET)})
    assert is_in(client)
    other = Client()
    for _ in range(6):
        page = by_password(other, "wrong").content.decode()
    assert "Too many were wrong" in page


def test_counts_are_not_pushed_out_by_making_many_more(settings: Any) -> None:
    assert settings.CACHES["default"]["OPTIONS"] == {"MAX_ENTRIES": 50_000}


# --- sessions -----------------------------------------------------------------------------------
def test_a_session_from_before_is_worth_nothing_after(client: Client, somebody: User) -> None:
    """Fixation: whoever planted the cookie knows a key that signs nobody in."""
    session = client.session
    session["planted"] = True
    session.save()
    planted = str(session.session_key)
    client.cookies["sessionid"] = planted
    by_password(client)
    assert is_in(client)
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert not is_in(thief)


def test_so_is_one_that_waited_for_the_second_factor(client: Client, with_app: User) -> None:
    by_password(client)
    before = client.cookies["sessionid"].value
    client.post(SECOND, {"code": code_of(SECRET)})
    assert is_in(client)
    assert client.cookies["sessionid"].value != before


def test_another_persons_session_ends_where_somebody_signs_in(
    client: Client, somebody: User, manager: User
) -> None:
    client.force_login(manager, backend="allauth.account.auth_backends.AuthenticationBackend")
    before = client.cookies["sessionid"].value
    client.post("/accounts/logout/")
    by_password(client)
    assert client.cookies["sessionid"].value != before


@pytest.mark.parametrize(
    "to", ["https://evil.example.com/", "//evil.example.com/", "http:evil.example.com", "\\\\evil"]
)
@pytest.mark.parametrize("where", ["password", "code", "passkey"])
def test_signing_in_leads_to_no_other_site(
    client: Client, somebody: User, to: str, where: str
) -> None:
    if where == "passkey":
        key = Key()
        a_passkey(somebody, key)
        challenge(client, key)
        done = client.post(PASSKEY, {"credential": key.used(somebody), "next": to})
    elif where == "code":
        TOTP.activate(somebody, SECRET)
        by_password(client, next=to)
        done = client.post(SECOND, {"code": code_of(SECRET)})
    else:
        done = by_password(client, next=to)
    assert is_in(client)
    assert done.headers["Location"] == "/"


def test_cookies_are_for_this_site_and_no_script(client: Client, somebody: User) -> None:
    by_password(client)
    cookie = client.cookies["sessionid"]
    assert (bool(cookie["httponly"]), cookie["samesite"]) == (True, "Lax")
    page = client.get("/accounts/security/")
    assert page.cookies["csrftoken"]["httponly"]


def test_cookies_need_https_in_production() -> None:
    source = (django_settings.BASE_DIR / "config" / "settings.py").read_text()
    said = r"SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_COOKIES"
    assert re.search(said, source)


def test_only_ways_that_are_wanted_have_an_address(client: Client) -> None:
    for address in ("signup", "password/reset", "email", "2fa", "reauthenticate", "sessions"):
        assert client.get(f"/accounts/{address}/").status_code == 404, address
    assert not Authenticator.objects.exists()
