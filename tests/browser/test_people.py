"""People in a browser: the pages of the administrator, and what they do to pages of others."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import Role
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, path_of
from tests.world import World


def test_the_pages_pass_axe(world: World, sign_in: People) -> None:
    pk = world.people["viewer"].pk
    page = sign_in("admin")
    found = []
    for address in ("/people/", "/people/?q=nobody-at-all", f"/people/{pk}/?was=developer",
                    f"/people/{pk}/role/", f"/people/{pk}/deactivate/"):  # fmt: skip
        page.goto(address)
        found += problems(page, address, WIDE, PHONE)
    assert found == []


def test_a_role_is_changed_by_keyboard_and_taken_back(world: World, sign_in: People) -> None:
    page = sign_in("admin")
    page.keyboard.press("g")
    page.keyboard.press("p")
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    page.get_by_role("link", name="viewer", exact=True).click()
    page.get_by_role("link", name="Change role").click()
    page.get_by_label("Role").select_option(label="Developer")
    page.get_by_role("button", name="Change role").click()
    expect(page.get_by_text("viewer is developer now.")).to_be_visible()
    page.get_by_role("button", name="Undo: Viewer again").click()
    expect(page.get_by_text("viewer is viewer now.")).to_be_visible()
    world.people["viewer"].refresh_from_db()
    assert world.people["viewer"].role == Role.VIEWER


@pytest.mark.parametrize("where", ["dashboard", "release"])
def test_whoever_is_deactivated_is_out_with_the_page_open(
    world: World, sign_in: People, where: str
) -> None:
    address = path_of(at_the_gate(world)) if where == "release" else "/"
    theirs = sign_in("manager", address)
    expect(theirs.locator("[data-live]")).to_contain_text("Live")
    page = sign_in("admin", f"/people/{world.people['manager'].pk}/deactivate/")
    page.get_by_role("button", name="Deactivate").click()
    # Sooner than the streams look by themselves, and without a click of theirs.
    expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Reactivate").click()
    expect(page.get_by_text("manager can sign in again.")).to_be_visible()


def test_somebody_joins_by_the_link_that_was_copied(world: World, sign_in: People) -> None:
    page = sign_in("admin", "/people/")
    page.get_by_role("link", name="Invite somebody").click()
    found = problems(page, "invite", WIDE, PHONE)
    page.get_by_label("Username").fill("ines")
    page.get_by_label("Name", exact=True).fill("Ines Vidal")
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("Link").input_value()
    found += problems(page, "link", WIDE, PHONE)
    theirs = sign_in.stranger()
    theirs.goto(link)
    expect(theirs.get_by_role("heading", name="Welcome, Ines Vidal")).to_be_visible()
    assert "#" not in theirs.url
    found += problems(theirs, "join", WIDE, PHONE)
    theirs.get_by_label("Password", exact=True).fill("a long password for tests")
    theirs.get_by_label("Password again").fill("a long password for tests")
    theirs.get_by_role("button", name="Set the password and sign in").click()
    theirs.wait_for_url("/")
    late = sign_in.stranger()
    sign_in.expect_error("403")
    late.goto(link)
    expect(late.get_by_role("alert")).to_contain_text("it was used already")
    found += problems(late, "used", WIDE, PHONE)
    page.get_by_role("link", name="Invitations").first.click()
    expect(page.get_by_role("row", name="Ines Vidal")).to_contain_text("Used")
    found += problems(page, "invitations", WIDE, PHONE)
    assert found == []


def test_a_code_from_paper_signs_in_and_everybody_sees_it(world: World, sign_in: People) -> None:
    pk = world.people["manager"].pk
    page = sign_in("admin", f"/people/{pk}/break-glass/")
    found = problems(page, "codes", WIDE, PHONE)
    page.get_by_role("button", name="Make new codes").click()
    code = page.locator(".paper-codes code").first.inner_text()
    found += problems(page, "paper", WIDE, PHONE)
    page.emulate_media(media="print")
    expect(page.locator(".topbar")).to_be_hidden()
    expect(page.get_by_text(code)).to_be_visible()
    page.emulate_media(media="screen")
    theirs = sign_in.stranger()
    theirs.goto("/accounts/login/")
    theirs.get_by_role("link", name="Use a break-glass code").click()
    found += problems(theirs, "enter", WIDE, PHONE)
    theirs.get_by_label("Username").fill("manager")
    theirs.get_by_label("Code").fill(code)
    theirs.get_by_role("button", name="Sign in").click()
    theirs.wait_for_url("/")
    reader = sign_in("viewer", "/audit/")
    banner = reader.get_by_label("Break-glass session of manager")
    expect(banner).to_contain_text("is signed in with a break-glass code since")
    expect(reader.get_by_text("BREAK GLASS: manager signed in").first).to_be_visible()
    found += problems(reader, "banner", WIDE, PHONE)
    assert found == []


def test_support_obeys_our_policy_of_scripts_and_styles(world: World, sign_in: People) -> None:
    # What a page may not load or run is an error in the console, which fails the test.
    page = sign_in("admin", "/people/")
    page.get_by_role("link", name="Support").click()
    expect(page.get_by_role("heading", name="Rows as they are")).to_be_visible()
    page.get_by_role("link", name="Users").click()
    page.get_by_role("link", name="viewer").first.click()
    expect(page.locator("#content")).to_contain_text("viewer")
    assert page.get_by_role("button", name="Save").count() == 0
    page.get_by_role("link", name="Back to Sluice").click()
    expect(page.get_by_role("heading", name="People")).to_be_visible()
