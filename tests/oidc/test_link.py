"""Linking: an account of the provider becomes a way in for somebody who is signed in."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User
from releases.models import AuditEvent
from tests.oidc.conftest import SignIn, back
from tests.oidc.running import Provider
from tests.passkeys import a_passkey
from tests.signing_in import PASSWORD, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines(client: Client, configured: Any) -> User:
    """Signed in by password, at this moment. Roles are Sluice's own."""
    configured.SLUICE_OIDC_GROUP_ROLES = ""
    ines = User.objects.create_user("ines", password=PASSWORD, role=Role.SECURITY)
    client.post("/accounts/login/", {"login": "ines", "password": PASSWORD})
    return ines


def link(client: Client, provider: Provider, subject: str) -> str:
    page = client.get("/accounts/oidc/link/").content.decode()
    found = re.search(rf'href="({re.escape(provider.issuer)}[^"]+)"', page)
    assert found, page
    answer = back(client, provider.sends_back(unescape(found[1]), sub=subject))
    return client.get(answer.headers["Location"]).content.decode()


def test_a_linked_account_signs_in_as_the_person_in_their_own_role(
    client: Client, ines: User, provider: Provider, sign_in: SignIn
) -> None:
    assert "Link with Acme ID" in client.get(f"/people/{ines.pk}/").content.decode()
    assert "You can sign in with Acme ID from now on." in link(client, provider, "linked-1")
    assert "Link with" not in client.get(f"/people/{ines.pk}/").content.decode()
    other = Client()
    assert sign_in("linked-1", other).headers["Location"] == "/"
    assert other.session["_auth_user_id"] == str(ines.pk)
    ines.refresh_from_db()
    assert ines.role == Role.SECURITY
    event = AuditEvent.objects.get(action="person.linked")
    assert event.sentence == "ines linked their account with one of Acme ID"


def test_who_is_linked_with_nobody_is_told_how(ines: User, sign_in: SignIn) -> None:
    response = sign_in("linked-2", Client())
    assert response.status_code == 403
    assert "Nobody here is linked with this account." in response.content.decode()


def test_an_account_is_linked_with_one_person_and_the_other_way_round(
    client: Client, ines: User, provider: Provider
) -> None:
    link(client, provider, "linked-3")
    assert "Another account of Acme ID is linked with you." in link(client, provider, "linked-4")
    bo = Client()
    User.objects.create_user("bo", password=PASSWORD)
    bo.post("/accounts/login/", {"login": "bo", "password": PASSWORD})
    assert "This account of Acme ID is linked already." in link(bo, provider, "linked-3")
    assert AuditEvent.objects.filter(action="person.link_refused").count() == 2


def test_what_was_linked_is_unlinked_on_the_page_of_security(
    client: Client, ines: User, provider: Provider, sign_in: SignIn
) -> None:
    link(client, provider, "linked-5")
    assert "It signs you in, linked" in client.get("/accounts/security/").content.decode()
    client.post("/accounts/oidc/unlink/")
    assert "It does not sign you in." in client.get("/accounts/security/").content.decode()
    assert sign_in("linked-5", Client()).status_code == 403
    event = AuditEvent.objects.get(action="person.unlinked")
    assert event.sentence == "ines unlinked their account from one of Acme ID"
    assert event.data["subject"] == "linked-5"


@pytest.mark.parametrize("way", ["none", "password that is off", "passkey"])
def test_the_only_way_in_is_not_taken_away(
    client: Client, ines: User, provider: Provider, configured: Any, way: str
) -> None:
    link(client, provider, "linked-6")
    if way == "password that is off":
        configured.SLUICE_PASSWORDS = False
    else:
        ines.set_unusable_password()
        ines.save()
    browser = signed_in(ines)
    if way == "passkey":
        a_passkey(ines)
    shown = browser.get("/accounts/security/").content.decode()
    assert ("It is your only way in" in shown) == (way != "passkey")
    done = browser.post("/accounts/oidc/unlink/", follow=True).content.decode()
    if way == "passkey":
        assert "Acme ID signs you in no more." in done
    else:
        assert "Acme ID is your only way in. Add a passkey first." in done
        assert AuditEvent.objects.filter(action="person.unlink_refused").count() == 1


def test_unlinking_asks_for_a_recent_sign_in(ines: User) -> None:
    answer = signed_in(ines, ago=timedelta(hours=1)).post("/accounts/oidc/unlink/")
    assert answer.status_code == 401


def test_a_sign_in_of_long_ago_is_asked_for_first(ines: User) -> None:
    browser = signed_in(ines, ago=timedelta(hours=1))
    answer = browser.get("/accounts/oidc/link/")
    assert answer.headers["Location"].startswith("/accounts/step-up/?for=decide&next=")
