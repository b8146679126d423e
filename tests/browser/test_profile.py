"""The profile in a browser: chosen once, right from the first paint, on every device."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People


def test_it_passes_axe_and_is_kept_with_the_person(sign_in: People) -> None:
    page = sign_in("manager", "/accounts/profile/")
    assert problems(page, "profile", WIDE, PHONE) == []
    page.get_by_label("Dark").check()
    page.get_by_label("Time zone").fill("Asia/Tokyo")
    page.get_by_role("button", name="Save the profile").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    elsewhere = sign_in("manager", "/")
    expect(elsewhere.locator("html")).to_have_attribute("data-theme", "dark")
    expect(elsewhere.locator("footer").first).to_contain_text("Times are Asia/Tokyo")


def test_the_theme_is_right_without_scripts(sign_in: People) -> None:
    page = sign_in("manager", "/", java_script_enabled=False)
    page.locator("[data-theme-toggle]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
