"""Codes of an authenticator app: each counts once, however long clocks let it be good."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.models import User
from tests.accounts.test_sign_in import SECOND, by_password, is_in
from tests.signing_in import SECRET, code_of, signed_in


@pytest.fixture
def with_app(somebody: User) -> User:
    TOTP.activate(somebody, SECRET)
    return somebody


def test_a_code_counts_once_for_as_long_as_clocks_may_differ(
    client: Client, with_app: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = code_of(SECRET)
    by_password(client)
    client.post(SECOND, {"code": code})
    # One period later allauth has forgotten it, and still takes it.
    monkeypatch.setattr(TOTP, "_mark_code_used", lambda *args: True)
    other = Client()
    by_password(other)
    for typed in (code, f"{code[:3]} {code[3:]}"):
        assert "was used before" in other.post(SECOND, {"code": typed}).content.decode()
    assert not is_in(other)


def test_the_code_that_added_the_app_signs_nobody_in(client: Client, somebody: User) -> None:
    own = signed_in(somebody)
    page = own.get("/accounts/security/app/add/").content.decode()
    key = re.findall(r'id="totp-key">(\w+)<', page)[0]
    code = code_of(key)
    assert own.post("/accounts/security/app/add/", {"code": code}).status_code == 302
    by_password(client)
    assert "was used before" in client.post(SECOND, {"code": code}).content.decode()
