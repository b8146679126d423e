"""Sessions: where one is signed in, and ending it there at once."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import last_seen
from accounts.browsers import browser_of
from accounts.models import User
from config.live_people import _person
from releases import live
from releases.models import AuditEvent
from tests.signing_in import PASSWORD, a_session

ADDRESS = "/accounts/security/"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.fixture
def here(client: Client, somebody: User) -> Client:
    typed = {"login": "somebody", "password": PASSWORD}
    client.post("/accounts/login/", typed, headers={"User-Agent": CHROME})
    return client


def in_browser(session: UserSession) -> Client:
    client = Client()
    client.cookies["sessionid"] = session.session_key
    return client


def test_this_one_is_marked_and_others_say_where_they_are(here: Client, somebody: User) -> None:
    a_session(somebody)
    page = here.get(ADDRESS).content.decode()
    section = page[page.index('id="sessions"') :].partition("</section>")[0]
    listed = section.split("<li>")[1:]
    (marked,) = [each for each in listed if "this one" in each]
    (other,) = [each for each in listed if "this one" not in each]
    assert ("Chrome on Windows" in marked, "Firefox on Linux" in other) == (True, True)
    assert all("127.0.0.1" in each for each in listed)


def test_nobody_elses_are_listed(here: Client, manager: User) -> None:
    a_session(manager)
    assert "Firefox on Linux" not in here.get(ADDRESS).content.decode()


def test_another_one_is_ended_at_once(here: Client, somebody: User) -> None:
    session = a_session(somebody)
    theirs = in_browser(session)
    assert theirs.get(ADDRESS).status_code == 200
    here.post(f"{ADDRESS}sessions/{session.pk}/end/")
    assert theirs.get(ADDRESS).headers["Location"].startswith("/accounts/login/")
    event = AuditEvent.objects.latest("pk")
    assert event.sentence == "somebody signed themselves out of Firefox on Linux (127.0.0.1)"
    assert here.get(ADDRESS).status_code == 200


def test_its_live_stream_is_asked_to_end_too(
    here: Client, somebody: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, said = a_session(somebody), []
    monkeypatch.setattr("releases.live.changed", lambda *topics: said.extend(topics))
    assert _person(session.session_key) == somebody.pk
    here.post(f"{ADDRESS}sessions/{session.pk}/end/")
    assert _person(session.session_key) is None
    assert live.PEOPLE_CHANGED in said


def test_everywhere_else_is_one_click(here: Client, somebody: User, manager: User) -> None:
    ended = [in_browser(a_session(somebody)), in_browser(a_session(somebody, CHROME))]
    not_theirs = in_browser(a_session(manager))
    here.post(f"{ADDRESS}sessions/end-others/")
    assert [each.get(ADDRESS).status_code for each in ended] == [302, 302]
    assert (here.get(ADDRESS).status_code, not_theirs.get(ADDRESS).status_code) == (200, 200)
    said = AuditEvent.objects.latest("pk").sentence
    assert said.endswith("everywhere else (Chrome on Windows, Firefox on Linux)")


def test_nobody_ends_what_is_somebody_elses(here: Client, manager: User) -> None:
    session = a_session(manager)
    here.post(f"{ADDRESS}sessions/{session.pk}/end/")
    assert in_browser(session).get(ADDRESS).status_code == 200


def test_one_that_is_over_is_not_listed(here: Client, somebody: User) -> None:
    session = a_session(somebody)
    in_browser(session).post("/accounts/logout/")
    assert "Firefox on Linux" not in here.get(ADDRESS).content.decode()


def test_it_says_when_each_was_last_seen(here: Client, somebody: User) -> None:
    session = a_session(somebody)
    before = UserSession.objects.get(pk=session.pk).last_seen_at
    in_browser(session).get(ADDRESS)
    assert UserSession.objects.get(pk=session.pk).last_seen_at == before
    last_seen._seen.clear()
    in_browser(session).get(ADDRESS)
    assert UserSession.objects.get(pk=session.pk).last_seen_at > before


def test_a_page_pays_no_query_for_it(here: Client) -> None:
    here.get("/audit/")
    with CaptureQueriesContext(connection) as asked:
        here.get("/audit/")
    assert not [each["sql"] for each in asked if "usersession" in each["sql"]]


# --- the password -------------------------------------------------------------------------------
NEW = "another long password for tests"


def change(client: Client, old: str = PASSWORD, new: str = NEW) -> Any:
    typed = {"oldpassword": old, "password1": new, "password2": new}
    return client.post(f"{ADDRESS}password/", typed)


def test_a_changed_password_signs_out_everywhere_else(here: Client, somebody: User) -> None:
    theirs = in_browser(a_session(somebody))
    change(here)
    assert (here.get(ADDRESS).status_code, theirs.get(ADDRESS).status_code) == (200, 302)
    somebody.refresh_from_db()
    assert somebody.check_password(NEW)
    assert AuditEvent.objects.filter(sentence="somebody changed their password").exists()


def test_the_wrong_present_password_changes_nothing_and_is_told(here: Client) -> None:
    assert change(here, old="planted-wrong").status_code == 422
    event = AuditEvent.objects.latest("pk")
    assert event.sentence == "somebody could not change their password: the present one was wrong"
    assert "planted" not in str(event.data)


def test_a_weak_one_is_refused_with_its_reason(here: Client, somebody: User) -> None:
    assert "too short" in change(here, new="short").content.decode()
    somebody.refresh_from_db()
    assert somebody.check_password(PASSWORD)


def test_guessing_the_present_one_ends(here: Client) -> None:
    assert [change(here, old="wrong").status_code for _ in range(6)][-1] == 429


def test_whoever_has_none_has_none_to_change(somebody: User) -> None:
    somebody.set_unusable_password()
    somebody.save()
    client = Client()
    client.force_login(somebody, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(f"{ADDRESS}password/").headers["Location"] == ADDRESS
    assert "Change the password" not in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (CHROME, "Chrome on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/18 Safari/604.1", "Safari on iPhone"),
        ("", "an unknown browser"),
        ("<script>", "an unknown browser"),
    ],
)
def test_browsers_have_a_name(said: str, meant: str) -> None:
    assert browser_of(said) == meant
