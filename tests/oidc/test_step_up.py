"""Step-up by the identity provider: what counts is when it asked, not that somebody came back."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.http import HttpResponse
from django.test import Client

from accounts.models import Role, User
from releases.models import AuditEvent
from tests.factories import UserFactory
from tests.oidc.conftest import SignIn, back
from tests.oidc.running import Provider
from tests.signing_in import signed_in

pytestmark = pytest.mark.django_db
Begin = Callable[..., str]
HOUR = timedelta(hours=1)
DIALOG = {"X-Requested-With": "XMLHttpRequest"}
GROUPS = ["cn=managers,dc=acme"]


@pytest.fixture
def ines(configured: Any) -> User:
    """She has no password here, and no passkey."""
    ines = UserFactory.create(username="ines", role=Role.RELEASE_MANAGER)
    ines.set_unusable_password()
    ines.save()
    SocialAccount.objects.create(provider=configured.SLUICE_OIDC_ISSUER, uid="ines", user=ines)
    return ines


def is_asked(browser: Client, kind: str = "decide") -> bool:
    status = browser.get(f"/accounts/step-up/?for={kind}", headers=DIALOG).status_code
    assert status in (204, 401)
    return status == 401


def confirm(browser: Client, begin: Begin, provider: Provider, sub: str = "ines") -> HttpResponse:
    return back(browser, provider.sends_back(begin("/accounts/oidc/confirm/", browser), sub=sub))


def asked_ago(provider: Provider, ago: timedelta) -> None:
    provider.knows("ines", groups=GROUPS, auth_time=int(time.time() - ago.total_seconds()))


def test_a_provider_that_knew_them_still_is_no_recent_sign_in(
    ines: User, provider: Provider, sign_in: SignIn
) -> None:
    asked_ago(provider, 5 * HOUR)
    for browser in (Client(), signed_in(ines, ago=5 * HOUR)):
        sign_in("ines", browser)
        assert is_asked(browser) and not is_asked(browser, "roll_back")


def test_one_that_asked_just_now_is(ines: User, provider: Provider, sign_in: SignIn) -> None:
    browser = Client()
    asked_ago(provider, timedelta(minutes=1))
    sign_in("ines", browser)
    assert not is_asked(browser)


@pytest.mark.parametrize("said", [None, True, "now", [1], -(10**400), float("nan")])
def test_one_that_does_not_say_when_it_asked_does_not_count(
    ines: User, provider: Provider, sign_in: SignIn, said: Any
) -> None:
    provider.knows("ines", groups=GROUPS, auth_time=said)
    browser = Client()
    sign_in("ines", browser)
    assert is_asked(browser, "roll_back")


def test_a_clock_that_is_ahead_gains_no_time(
    ines: User, provider: Provider, sign_in: SignIn
) -> None:
    asked_ago(provider, -100 * HOUR)
    browser = Client()
    sign_in("ines", browser)
    assert browser.session["provider_asked_at"] <= time.time()


def test_the_provider_is_told_how_long_ago_it_may_have_asked(ines: User, begin: Begin) -> None:
    asked = parse_qs(urlsplit(begin()).query)
    assert asked["max_age"] == ["43200"] and "prompt" not in asked
    asked = parse_qs(urlsplit(begin("/accounts/oidc/confirm/", signed_in(ines))).query)
    assert (asked["max_age"], asked["prompt"]) == (["0"], ["login"])


def test_the_question_offers_it_to_whom_it_can_ask(
    ines: User, manager: User, configured: Any
) -> None:
    page = signed_in(ines, ago=HOUR).get("/accounts/step-up/?for=decide").content.decode()
    assert "Confirm with Acme ID" in page and "Go on" in page
    assert "neither a password" not in page
    page = signed_in(manager, ago=HOUR).get("/accounts/step-up/?for=decide").content.decode()
    assert "Confirm with" not in page


def test_no_password_is_asked_for_where_passwords_are_off(ines: User, configured: Any) -> None:
    configured.SLUICE_PASSWORDS = False
    ines.set_password("a long password for tests")
    ines.save()
    page = signed_in(ines, ago=HOUR).get("/accounts/step-up/?for=decide").content.decode()
    assert "step_up-password" not in page and "Confirm with Acme ID" in page


def test_the_tab_that_waits_goes_on_in_the_session_it_has(
    ines: User, provider: Provider, begin: Begin
) -> None:
    asked_ago(provider, timedelta(0))
    browser = signed_in(ines, ago=HOUR)
    key = browser.session.session_key
    answer = confirm(browser, begin, provider)
    assert answer.status_code == 200 and "choose Go on there" in answer.content.decode()
    assert browser.session.session_key == key
    sent = {"step_up-provider": "asked"}
    done = browser.post("/accounts/step-up/?for=decide", sent, headers=DIALOG)
    assert done.status_code == 204
    event = AuditEvent.objects.get(action="person.stepped_up")
    assert event.sentence == "ines proved once more that it is them, by Acme ID"


def test_going_on_before_it_confirmed_says_so(ines: User) -> None:
    sent = {"step_up-provider": "asked"}
    answer = signed_in(ines, ago=HOUR).post("/accounts/step-up/?for=decide", sent, headers=DIALOG)
    assert answer.status_code == 401
    assert "Acme ID has not confirmed you" in answer.content.decode()


def test_one_that_did_not_ask_confirms_nothing(
    ines: User, provider: Provider, begin: Begin
) -> None:
    asked_ago(provider, HOUR)
    browser = signed_in(ines, ago=HOUR)
    answer = confirm(browser, begin, provider)
    assert answer.status_code == 403 and "cannot confirm that it is you" in answer.content.decode()
    assert is_asked(browser)
    event = AuditEvent.objects.get(action="person.confirm_failed")
    assert event.sentence.startswith("ines could not prove by Acme ID that it is them: Acme ID")


def test_somebody_else_there_confirms_nothing_and_joins_not(
    ines: User, provider: Provider, begin: Begin
) -> None:
    provider.knows("mallory", groups=GROUPS, preferred_username="mallory")
    browser = signed_in(ines, ago=HOUR)
    answer = confirm(browser, begin, provider, "mallory")
    assert answer.status_code == 403 and "as somebody else" in answer.content.decode()
    assert is_asked(browser) and not User.objects.filter(username="mallory").exists()


def test_whoever_is_not_signed_in_confirms_nothing(
    ines: User, provider: Provider, begin: Begin
) -> None:
    assert "/accounts/login/" in begin("/accounts/oidc/confirm/", Client())
    browser = signed_in(ines)
    address = provider.sends_back(begin("/accounts/oidc/confirm/", browser), sub="ines")
    browser.post("/accounts/logout/")
    assert back(browser, address).headers["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in browser.session


def test_whoever_lost_all_groups_meanwhile_is_out_instead(
    ines: User, provider: Provider, begin: Begin
) -> None:
    provider.knows("ines", groups=[])
    browser = signed_in(ines, ago=HOUR)
    assert confirm(browser, begin, provider).status_code == 403
    assert browser.get("/").status_code == 302
