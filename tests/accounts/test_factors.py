"""Second factors: added and removed by their person, kept encrypted, told by the history."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from releases.models import AuditEvent
from tests.passkeys import RUBBISH, Key, a_passkey
from tests.signing_in import SECRET, code_of, signed_in

LATE = timedelta(minutes=16)


def told() -> list[str]:
    since = AuditEvent.objects.exclude(action="person.signed_in").order_by("pk")
    return list(since.values_list("sentence", flat=True))


def add_app(own: Client) -> tuple[str, Any]:
    page = own.get("/accounts/security/app/add/").content.decode()
    found = re.search(r'id="totp-key">(\w+)<', page)
    assert found
    return found[1], own.post("/accounts/security/app/add/", {"code": code_of(found[1])})


def everything_stored() -> str:
    """All that the database holds of sessions and factors, decoded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        factors = [row[0] for row in cursor.fetchall()]
    return json.dumps([factors, [each.get_decoded() for each in Session.objects.all()]])


def test_an_app_is_added_with_what_it_shows(own: Client, somebody: User) -> None:
    _, done = add_app(own)
    assert done.headers["Location"] == reverse("mfa_view_recovery_codes")
    assert Authenticator.objects.filter(user=somebody, type="totp").exists()
    assert told() == ["somebody added a second factor to their account: an authenticator app"]


def test_a_wrong_code_adds_nothing_and_keeps_the_key(own: Client) -> None:
    page = own.get("/accounts/security/app/add/").content.decode()
    again = own.post("/accounts/security/app/add/", {"code": "000000"}).content.decode()
    key = re.compile(r'id="totp-key">(\w+)<')
    assert key.findall(page) == key.findall(again)
    assert "This code is wrong" in again
    assert not Authenticator.objects.exists()


def test_no_secret_is_in_the_database_in_clear(own: Client, somebody: User) -> None:
    own.get("/accounts/security/app/add/")
    page = own.get("/accounts/security/app/add/").content.decode()
    waiting = re.findall(r'id="totp-key">(\w+)<', page)[0]
    assert waiting not in everything_stored()
    own.post("/accounts/security/app/add/", {"code": code_of(waiting)})
    codes = own.get("/accounts/security/recovery-codes/").content.decode()
    stored = everything_stored()
    assert waiting not in stored
    assert not [code for code in re.findall(r"<code>(\d{8})</code>", codes) if code in stored]
    seed = Authenticator.objects.get(type="recovery_codes").data["seed"]
    assert seed.startswith("gAAAA")


def test_a_key_that_was_replaced_still_reads_what_it_wrote(
    own: Client, somebody: User, settings: Any
) -> None:
    TOTP.activate(somebody, SECRET)
    settings.SLUICE_FACTOR_KEY = ["a new key", *settings.SLUICE_FACTOR_KEY]
    assert Authenticator.objects.get().wrap().validate_code(code_of(SECRET))


def test_recovery_codes_are_shown_once(own: Client) -> None:
    add_app(own)
    shown = own.get("/accounts/security/recovery-codes/").content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", shown)) == 10
    again = own.get("/accounts/security/recovery-codes/").content.decode()
    assert not re.findall(r"<code>\d{8}</code>", again)
    assert "10 of 10 are left" in again


def test_new_recovery_codes_end_the_old_ones(own: Client) -> None:
    add_app(own)
    old = own.get("/accounts/security/recovery-codes/").content.decode()
    own.post("/accounts/security/recovery-codes/new/")
    new = own.get("/accounts/security/recovery-codes/").content.decode()
    codes = re.compile(r"<code>(\d{8})</code>")
    assert not set(codes.findall(old)) & set(codes.findall(new))
    assert told()[-1] == "somebody made new recovery codes; older ones ended"


def test_removing_the_last_factor_ends_the_recovery_codes(own: Client) -> None:
    add_app(own)
    page = own.get("/accounts/security/app/remove/").content.decode()
    assert "It is the last second factor" in page
    own.post("/accounts/security/app/remove/")
    assert not Authenticator.objects.exists()
    assert told()[-1] == (
        "somebody removed a second factor from their account: an authenticator app"
    )


def test_a_passkey_is_added_and_removed(own: Client, somebody: User) -> None:
    key = Key()
    session = own.session
    session.update(key.session)
    session.save()
    own.post("/accounts/security/passkeys/add/", {"name": "Laptop", "credential": key.made()})
    added = Authenticator.objects.get(user=somebody, type="webauthn")
    assert added.wrap().name == "Laptop"
    own.post(f"/accounts/security/passkeys/{added.pk}/remove/")
    assert not Authenticator.objects.filter(type="webauthn").exists()
    added_and_removed = ["added a second factor to", "removed a second factor from"]
    assert told() == [
        f"somebody {each} their account: the passkey Laptop" for each in added_and_removed
    ]


def test_the_only_way_in_is_not_removed(own: Client, somebody: User) -> None:
    somebody.set_unusable_password()
    somebody.save()
    browser = signed_in(somebody)
    first, second = a_passkey(somebody), a_passkey(somebody)
    browser.post(f"/accounts/security/passkeys/{first.pk}/remove/")
    address = f"/accounts/security/passkeys/{second.pk}/remove/"
    page = browser.get(address).content.decode()
    assert "It is your only way in. Add another passkey first." in page
    assert "Remove it" not in page
    assert browser.post(address).status_code == 409
    assert Authenticator.objects.filter(user=somebody).get() == second
    assert told()[-1] == (
        "somebody could not remove a second factor from their account, the passkey Laptop: It is"
        " your only way in. Add another passkey first."
    )


def test_a_passkey_for_another_challenge_is_refused(own: Client) -> None:
    session = own.session
    session.update(Key().session)
    session.save()
    wrong = {"name": "Laptop", "credential": Key().made()}
    page = own.post("/accounts/security/passkeys/add/", wrong).content.decode()
    assert "could not be added" in page
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("sent", RUBBISH)
def test_rubbish_is_no_passkey(own: Client, sent: str) -> None:
    answer = own.post("/accounts/security/passkeys/add/", {"name": "", "credential": sent})
    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


def test_nobody_removes_what_is_somebody_elses(own: Client, manager: User) -> None:
    theirs = a_passkey(manager)
    assert own.post(f"/accounts/security/passkeys/{theirs.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


LOOKED_AT = [
    "/accounts/security/app/add/",
    "/accounts/security/passkeys/add/",
    "/accounts/security/recovery-codes/",
]
CHANGED = [
    "/accounts/security/app/remove/",
    "/accounts/security/passkeys/1/remove/",
    "/accounts/security/recovery-codes/new/",
]


@pytest.mark.parametrize("address", LOOKED_AT)
def test_what_shows_a_secret_asks_for_a_recent_sign_in(somebody: User, address: str) -> None:
    away = signed_in(somebody, ago=LATE).get(address)
    assert (
        away.headers["Location"]
        == f"/accounts/step-up/?for=decide&next={address.replace('/', '%2F')}"
    )


@pytest.mark.parametrize("address", LOOKED_AT[:2] + CHANGED)
def test_what_changes_a_factor_asks_for_one(somebody: User, address: str) -> None:
    assert signed_in(somebody, ago=LATE).post(address, {"code": "1"}).status_code == 401


def test_the_page_says_what_there_is(
    own: Client, somebody: User, django_assert_num_queries: Any
) -> None:
    bare = own.get("/accounts/security/").content.decode()
    assert "Whoever learns your password can sign in as you" in bare
    a_passkey(somebody)
    TOTP.activate(somebody, SECRET)
    with django_assert_num_queries(QUERIES_OF_THE_PAGE):
        full = own.get("/accounts/security/").content.decode()
    for name in ("Phone", "Key", "Safe"):
        a_passkey(somebody, name=name)
    with django_assert_num_queries(QUERIES_OF_THE_PAGE):
        own.get("/accounts/security/")
    assert "Laptop" in full and "Authenticator app" in full


QUERIES_OF_THE_PAGE = 7
