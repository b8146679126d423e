"""Every page for everybody: by axe, in both themes, wide and narrow, and without a script error."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from releases.models import Environment
from tests.browser.pages import full_world, violations, walk
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, confirm, path_of
from tests.world import World

WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SMALLEST: ViewportSize = {"width": 360, "height": 740}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
Theme = Literal["light", "dark"]


def keep(page: Page, name: str) -> None:
    """A picture to look at, where somebody asks for pictures."""
    if folder := os.environ.get("SLUICE_PAGE_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name.replace(' ', '-')}.png", full_page=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_page_passes_axe(
    world: World, sign_in: People, theme: Theme, size: ViewportSize
) -> None:
    found = []
    pages = full_world(world)
    for name, page in walk(sign_in, pages, viewport=size, color_scheme=theme):
        found += [f"{name}: {each}" for each in violations(page)]
        keep(page, f"{name} {theme} {size['width']}")
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_chosen_by_hand_passes_axe_too(
    world: World, sign_in: People, theme: Theme
) -> None:
    other = "dark" if theme == "light" else "light"
    page = sign_in("manager", path_of(at_the_gate(world)), color_scheme=other)
    toggle = page.locator("[data-theme-toggle]")
    for _ in range(1 if theme == "light" else 2):
        toggle.click()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    assert violations(page) == []
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_opens_passes_axe(world: World, sign_in: People, theme: Theme) -> None:
    page = sign_in("manager", path_of(at_the_gate(world)), color_scheme=theme)
    for key, name in (("a", "approve-dialog"), ("?", "help")):
        page.keyboard.press(key)
        expect(page.locator(f"#{name}")).to_be_visible()
        assert violations(page) == []
        keep(page, f"{name} {theme}")
        page.keyboard.press("Escape")
    page.locator(".person-menu summary").click()
    assert violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_that_are_empty_or_refuse_pass_axe(
    world: World, sign_in: People, theme: Theme
) -> None:
    sign_in.expect_error("403", "409", "404", "[object Event]", "ERR_FAILED")
    found = []
    stranger = sign_in.stranger(color_scheme=theme)
    stranger.goto("/accounts/login/")
    found += violations(stranger)
    keep(stranger, f"login {theme}")
    page = sign_in("viewer", color_scheme=theme)
    empty = ("/", "/releases/", "/functions/", "/environments/", "/releases/new/", "/audit/?q=none")
    for address in (*empty, "/functions/add/", "/nowhere/"):
        page.goto(address)
        found += [f"{address}: {each}" for each in violations(page)]
        keep(page, f"empty {address.replace('/', '_')} {theme}")
    assert found == []


def test_a_stale_click_answers_with_a_page_that_passes_axe(world: World, sign_in: People) -> None:
    sign_in.expect_error("409", "[object Event]", "ERR_FAILED")
    release = at_the_gate(world)
    page = sign_in("manager")
    page.route("**/live/**", lambda route: route.abort())
    page.goto(path_of(release))
    world.approve(release, by="second-manager")
    page.locator("#act-approve").click()
    with page.expect_response("**/approve/") as answer:
        confirm(page, "approve-dialog", "Approve")
    assert answer.value.status == 409
    expect(page.get_by_role("alert").first).to_be_visible()
    assert violations(page) == []
    keep(page, "409")


def test_no_page_scrolls_sideways_on_the_smallest_phone(world: World, sign_in: People) -> None:
    pages = full_world(world)
    wide = {
        name: over
        for name, page in walk(sign_in, pages, viewport=SMALLEST)
        if (over := page.evaluate(OVERFLOW)) > 0
    }
    assert wide == {}


def test_the_bar_on_top_fits_with_all_that_an_administrator_has(
    world: World, sign_in: People
) -> None:
    name = "development-of-the-shop"
    Environment.objects.filter(pk=world.environment.pk).update(name=name, region="eu-central-1")
    page = sign_in("admin")
    wide = {}
    for address in (f"/?env={name}", "/"):
        page.goto(address)
        for width in range(810, 1600, 30):
            page.set_viewport_size({"width": width, "height": 600})
            if (over := page.evaluate(OVERFLOW)) > 0:
                wide[address, width] = over
    assert wide == {}


def test_nothing_of_a_page_comes_from_elsewhere(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("manager")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer: Any = page.goto(path_of(release))
    assert {url.split("/")[2] for url in asked if url.startswith("http")} == {
        sign_in.site.split("/")[2]
    }
    policy = answer.headers["content-security-policy"]
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
