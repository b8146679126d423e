"""Signing in in a browser: by hand, with an authenticator app, and with a real passkey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import CDPSession, Page, expect

from accounts.models import User
from releases.models import Decision
from releases.states import ReleaseState
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import PASSWORD, People, Profiles
from tests.browser.scenes import path_of, settled
from tests.signing_in import SECRET, code_of
from tests.world import World, package

LATE = timedelta(minutes=16)
# A device that knows its person: a laptop with a fingerprint reader, say.
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture
def sign_in(profiles: Profiles, site: str, world: World) -> Iterator[People]:
    """By a host name: a passkey belongs to one, and an IP address is none."""
    people = People(profiles, site.replace("127.0.0.1", "localhost"))
    yield people
    people.close()
    assert people.errors == []


def device(page: Page) -> tuple[CDPSession, str]:
    """Plugs a device with passkeys into this browser."""
    talk = page.context.new_cdp_session(page)
    talk.send("WebAuthn.enable")
    made: dict[str, Any] = talk.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return talk, made["authenticatorId"]


def add_passkey(page: Page, name: str = "Laptop") -> None:
    page.goto("/accounts/security/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("#recovery-codes li")).to_have_count(10)


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").last.click()
    page.wait_for_url("**/accounts/login/**")


def test_a_passkey_is_added_and_signs_in_alone(sign_in: People) -> None:
    page = sign_in.sign_in_by_hand("manager")
    device(page)
    add_passkey(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("#factors-title + p")).to_have_text("on")
    expect(page.get_by_text("Laptop").first).to_be_visible()
    sign_out(page)
    page.goto("/accounts/login/?next=/audit/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/audit/")


def test_without_a_passkey_the_page_says_so(sign_in: People) -> None:
    page = sign_in.stranger()
    talk, which = device(page)
    talk.send("WebAuthn.setUserVerified", {"authenticatorId": which, "isUserVerified": False})
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")


def test_a_passkey_is_a_second_factor_and_answers_the_step_up(
    world: World, sign_in: People
) -> None:
    world.add()
    release = settled(world.request(package("two")), ReleaseState.AWAITING_APPROVAL)
    sign_in.expect_error("status of 401")
    page = sign_in.sign_in_by_hand("manager")
    device(page)
    add_passkey(page)
    sign_out(page)
    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("/")
    _grow_old(page)
    page.goto(path_of(release))
    page.locator("#note").fill("Read it twice")
    page.locator("#act-approve").click()
    page.locator("#approve-dialog").get_by_role("button", name="Approve").click()
    page.locator("#step-up-dialog").get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("You approved")).to_be_visible()
    assert Decision.objects.get().reason == "Read it twice"


def test_an_app_is_added_and_asked_for(sign_in: People) -> None:
    page = sign_in.sign_in_by_hand("manager")
    page.goto("/accounts/security/")
    page.get_by_role("link", name="Add an authenticator app").click()
    expect(page.locator(".qr svg")).to_be_visible()
    secret = page.locator("#totp-key").inner_text()
    assert problems(page, "add an app", WIDE, PHONE) == []
    page.get_by_role("textbox", name="Code").fill(code_of(secret))
    page.get_by_role("button", name="Add the app").click()
    codes = page.locator("#recovery-codes li")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    assert problems(page, "recovery codes", WIDE, PHONE) == []
    sign_out(page)
    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    assert problems(page, "second factor", WIDE, PHONE) == []
    page.get_by_role("textbox", name="Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
    page.get_by_role("textbox", name="Code").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("/")
    assert Authenticator.objects.filter(type="totp").exists()


def test_signing_out_elsewhere_ends_it_there(sign_in: People) -> None:
    here, there = sign_in.sign_in_by_hand("manager"), sign_in.sign_in_by_hand("manager")
    here.goto("/accounts/security/")
    assert problems(here, "security", WIDE, PHONE) == []
    here.get_by_role("button", name="Sign out everywhere else").click()
    expect(here.get_by_text("Signed out of 1 other session.")).to_be_visible()
    # By itself: its stream ends at once.
    expect(there.get_by_role("heading", name="Sign in")).to_be_visible()
    here.goto("/accounts/security/password/")
    assert problems(here, "password", WIDE, PHONE) == []


def test_the_other_pages_pass_axe(world: World, sign_in: People) -> None:
    sign_in.expect_error("status of 401")
    TOTP.activate(world.people["manager"], SECRET)
    page = sign_in("manager")
    for name in ("passkeys/add", "app/remove", "recovery-codes/new"):
        page.goto(f"/accounts/security/{name}/")
        assert problems(page, name, WIDE, PHONE) == []
    late = sign_in("manager", "/accounts/step-up/?for=decide", ago=LATE)
    assert problems(late, "step-up page", WIDE, PHONE) == []


def test_signing_in_by_keyboard_alone(sign_in: People) -> None:
    page = sign_in.stranger()
    page.goto("/accounts/login/")
    assert problems(page, "sign in", WIDE, PHONE) == []
    page.keyboard.type("manager")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The username or the password is wrong.")).to_be_visible()
    page.get_by_label("Password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("/")


def _grow_old(page: Page) -> None:
    """As if this browser's sign-in were sixteen minutes ago."""
    (key,) = [each["value"] for each in page.context.cookies() if each["name"] == "sessionid"]
    session = SessionStore(key)
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [
        each | {"at": each["at"] - LATE.total_seconds()} for each in records
    ]
    session.save()
    assert User.objects.filter(pk=session["_auth_user_id"]).exists()


def test_an_address_that_is_a_number_says_why_it_takes_no_passkey(
    profiles: Profiles, site: str, world: World
) -> None:
    people = People(profiles, site)
    page = people.stranger()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Passkeys belong to a host name")).to_be_visible()
    people.close()
    assert people.errors == []
