"""Invitations: a link that is shown once, lets one person in, and ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Invitation, Role, User
from releases.models import AuditEvent
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
PASSWORD = "a long password for tests"
INES = {"username": "ines", "name": "Ines Vidal", "role": "release_manager"}
TWICE = {"password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def browser(client_for: ClientFor, admin: User) -> Client:
    """The administrator's."""
    return client_for(admin)


@pytest.fixture
def code(browser: Client) -> str:
    """Of an invitation of Ines."""
    return code_in(browser.post("/people/invite/", INES).content.decode())


def code_in(page: str) -> str:
    found = re.search(r'value="http://testserver/join/#([\w-]+)"', page)
    assert found
    return found[1]


def join(client: Client, code: str, **sent: str) -> tuple[int, str]:
    response = client.post("/join/", {"code": code} | sent)
    return response.status_code, response.content.decode()


def test_a_link_is_made_and_only_its_digest_kept(browser: Client) -> None:
    response = browser.post("/people/invite/", INES)
    page = response.content.decode()
    assert response.status_code == 201 and "no-store" in response.headers["Cache-Control"]
    assert "sends no e-mail" in page
    code = code_in(page)
    event = AuditEvent.objects.get(action="invitation.made")
    assert event.sentence.startswith("admin invited ines as release manager, until ")
    kept = [*Invitation.objects.values(), *AuditEvent.objects.values()]
    assert code not in str(kept) and len(code) >= 43
    assert code not in browser.get("/people/invitations/").content.decode()


def test_the_invited_person_sets_a_password_and_is_signed_in(client: Client, code: str) -> None:
    status, page = join(client, code)
    assert status == 200 and "Welcome, Ines Vidal" in page and 'value="ines"' in page
    assert join(client, code, **TWICE)[0] == 302
    assert "Ines Vidal" in client.get("/").content.decode()
    ines = User.objects.get(username="ines")
    assert ines.role == Role.RELEASE_MANAGER and ines.check_password(PASSWORD)
    event = AuditEvent.objects.get(action="person.joined")
    assert event.sentence == (
        "Ines Vidal accepted an invitation by admin and joined as release manager"
    )


def test_the_whole_link_can_be_pasted(client: Client, code: str) -> None:
    assert "Welcome" in join(client, f" http://testserver/join/#{code}\n")[1]


def test_a_link_works_once(client: Client, code: str) -> None:
    join(client, code, **TWICE)
    status, page = join(Client(), code, password="another good password", again="x")
    assert status == 403 and "it was used already" in page
    assert AuditEvent.objects.filter(action="invitation.not_accepted").count() == 1


def test_a_link_expires_after_seven_days(client: Client, code: str) -> None:
    invitation = Invitation.objects.get()
    assert invitation.expires_at - invitation.invited_at > timedelta(days=6, hours=23)
    Invitation.objects.update(expires_at=timezone.now())
    status, page = join(client, code, **TWICE)
    assert status == 403 and "it has expired" in page
    assert not User.objects.filter(username="ines").exists()


def test_a_link_is_revoked(browser: Client, client: Client, code: str) -> None:
    path = f"/people/invitations/{Invitation.objects.get().pk}/revoke/"
    assert "The invitation of ines is revoked." in browser.post(path, follow=True).content.decode()
    assert "it was revoked" in join(client, code, **TWICE)[1]
    assert browser.post(path).status_code == 409


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": Role.VIEWER}])
def test_a_link_of_who_is_no_administrator_any_more_lets_nobody_in(
    client: Client, admin: User, code: str, change: dict[str, object]
) -> None:
    User.objects.filter(pk=admin.pk).update(**change)
    status, page = join(client, code, **TWICE)
    assert status == 403 and "admin, who made it, is no longer an administrator" in page


def test_a_code_that_nobody_was_given_is_refused_and_said_once_a_minute(client: Client) -> None:
    cache.clear()
    for _ in range(3):
        assert join(client, "made-up", **TWICE)[0] == 403
    assert AuditEvent.objects.filter(action="person.unknown_code").count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"again": "another"}, "The two passwords differ."),
        ({"password": "123", "again": "123"}, "This password is too short."),
        ({"password": "elevenchars", "again": "elevenchars"}, "at least 12 characters"),
        ({"password": "ines-vidal-1", "again": "ines-vidal-1"}, "too similar to the"),
        ({"password": ""}, "This field is required."),
    ],
)
def test_a_bad_password_is_refused(
    client: Client, code: str, wrong: dict[str, str], sentence: str
) -> None:
    status, page = join(client, code, **TWICE | wrong)
    assert status == 422 and sentence in page
    assert not User.objects.filter(username="ines").exists()


def test_a_username_taken_meanwhile_is_refused(client: Client, code: str) -> None:
    UserFactory.create(username="INES")
    status, page = join(client, code, **TWICE)
    assert status == 422 and "There is somebody called ines already." in page


def test_whoever_is_signed_in_makes_no_second_account(browser: Client, code: str) -> None:
    assert "You are signed in as admin" in browser.get("/join/").content.decode()
    status, page = join(browser, code, **TWICE)
    assert status == 409 and "Sign out to use an invitation." in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"username": "ínes"}, "Letters without accents"),
        ({"username": "ADMIN"}, "There is somebody called ADMIN already."),
        ({"name": "Ines\u202eladiV"}, "A name has no invisible characters."),
        ({"name": "\uff53luice"}, "Sluice is what the history calls itself."),
        ({"name": "BOSS one"}, "There is a BOSS one already"),
        ({"name": "Bo\u0455s One"}, "Letters of this name look like others: Bo\\u0455s One"),
        ({"name": "Sluic\u0435"}, "Letters of this name look like others: Sluic\\u0435"),
        ({"name": "Boss Two"}, "There is a Boss Two already"),
        ({"name": "person-nameless"}, "There is a person-nameless already"),
        ({"name": "x" * 151}, "at most 150 characters"),
        ({"role": "emperor"}, "emperor is not one of the available choices"),
    ],
)
def test_a_bad_name_is_refused_and_nothing_typed_is_lost(
    browser: Client, wrong: dict[str, str], sentence: str
) -> None:
    UserFactory.create(username="boss", first_name="Boss", last_name="One")
    UserFactory.create(username="person-nameless")
    browser.post("/people/invite/", INES | {"username": "boss-two", "name": "Boss Two"})
    response = browser.post("/people/invite/", INES | wrong)
    page = response.content.decode()
    assert response.status_code == 422 and sentence in page
    assert (INES | wrong)["username"] in page


def test_nobody_is_invited_twice_at_once(browser: Client, code: str) -> None:
    page = browser.post("/people/invite/", INES).content.decode()
    assert "ines is invited already. Revoke that invitation to make another." in page
    Invitation.objects.update(expires_at=timezone.now())
    assert browser.post("/people/invite/", INES).status_code == 201


def test_whoever_got_the_name_first_keeps_it(client: Client, code: str) -> None:
    UserFactory.create(username="other", first_name="ines", last_name="vidal")
    status, page = join(client, code, **TWICE)
    assert status == 422 and "Ask admin for an invitation under another name." in page
    assert not User.objects.filter(username="ines").exists()
    event = AuditEvent.objects.get(action="invitation.not_accepted")
    assert "There is a Ines Vidal already" in event.sentence


@pytest.mark.parametrize("name", ["Zoë Müller", "Ольга Жданова", "王秀英", "Ωμέγα Ξένη"])
def test_names_of_every_alphabet_are_names(browser: Client, name: str) -> None:
    assert browser.post("/people/invite/", INES | {"name": name}).status_code == 201


@pytest.mark.parametrize("path", ["/people/invite/", "/people/invitations/"])
def test_only_administrators_invite(client_for: ClientFor, manager: User, path: str) -> None:
    assert client_for(manager).get(path).status_code == 403


def test_the_list_says_the_state_of_each_in_a_constant_number_of_queries(
    browser: Client, admin: User
) -> None:
    now = timezone.now()
    open_one = {"role": Role.VIEWER, "invited_by": admin, "expires_at": now + timedelta(days=1)}
    states = {"Used": {"accepted_at": now}, "Revoked": {"revoked_at": now}, "Open": {},
              "it has expired": {"expires_at": now}}  # fmt: skip
    counts = []
    for number, (said, state) in enumerate(states.items()):
        fields = open_one | state | {"username": f"p{number}", "digest": str(number)}
        Invitation.objects.create(**fields)
        with CaptureQueriesContext(connection) as asked:
            assert said in browser.get("/people/invitations/").content.decode()
        counts.append(len(asked))
    assert len(set(counts)) == 1


def test_where_passwords_are_off_nobody_is_invited_or_joins(
    browser: Client, client: Client, code: str, settings: Any
) -> None:
    settings.SLUICE_OIDC_ISSUER = "https://id.example"
    settings.SLUICE_OIDC_CLIENT_ID = settings.SLUICE_OIDC_CLIENT_SECRET = "sluice"
    settings.SLUICE_PASSWORDS = False
    assert browser.post("/people/invite/", INES | {"username": "bo"}).status_code == 409
    status, page = join(client, code, **TWICE)
    assert status == 422 and "Passwords are off here" in page
    assert not User.objects.filter(username="ines").exists()
