"""Searching by keyboard, the roles of a person, and the table of who may do what."""

from __future__ import annotations

from playwright.sync_api import expect

from releases.models import Function
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People
from tests.world import World


def test_the_search_is_all_keyboard(world: World, sign_in: People) -> None:
    world.add()
    function = Function.objects.get()
    page = sign_in("manager", "/board/", viewport=WIDE)
    page.keyboard.press("/")
    expect(page.locator("#quick-q")).to_be_focused()
    page.keyboard.type(function.name[:5])
    found = page.locator("#quick-results [data-result]")
    expect(found.first).to_have_text(function.name)
    page.keyboard.press("ArrowDown")
    expect(found.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(found).to_have_count(0)
    expect(page.locator("#quick-q")).to_be_focused()
    page.keyboard.type(function.name[5:6])
    expect(found.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=function.name, level=1)).to_be_visible()


def test_the_search_page_needs_no_script_and_suits_everybody(world: World, sign_in: People) -> None:
    world.add()
    name = Function.objects.get().name
    page = sign_in("manager", f"/search/?q={name}")
    assert problems(page, "search", WIDE, PHONE) == []
    page.locator("#search-q").fill("nothing-like-it")
    page.locator("#search-q").press("Enter")
    expect(page.get_by_text("Nothing that you can see matches")).to_be_visible()


def test_an_administrator_gives_a_role_for_a_pattern_and_takes_it(
    world: World, sign_in: People
) -> None:
    person = world.people["developer"]
    page = sign_in("admin", f"/people/{person.pk}/roles/")
    assert problems(page, "roles", WIDE, PHONE) == []
    page.get_by_label("Role", exact=True).select_option("release_manager")
    page.get_by_label("Functions by their names").check()
    page.get_by_role("textbox", name="Names").fill("pay-*")
    page.get_by_role("button", name="Give the role").click()
    row = page.get_by_role("row", name="functions called pay-*")
    expect(row).to_contain_text("Release manager")
    assert problems(page, "a role", PHONE, WIDE) == []
    row.get_by_role("button", name="Take").click()
    expect(row).to_have_count(0)


def test_who_may_do_what_is_a_table_for_everybody(world: World, sign_in: People) -> None:
    page = sign_in("viewer", "/")
    page.locator(".person-menu summary").click()
    page.get_by_role("link", name="Who may do what").first.click()
    expect(page.get_by_role("heading", name="Who may do what", level=1)).to_be_visible()
    assert problems(page, "who may", WIDE, PHONE) == []
