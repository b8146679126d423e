"""Every page for everybody: by axe, in both themes, wide and narrow, and without a script error."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from releases.models import Environment
from tests.browser.pages import (
    COLOURS,
    OVERFLOW,
    PHONE,
    SMALLEST,
    USUAL,
    WIDE,
    full_world,
    keep,
    problems,
    sideways,
    violations,
    walk,
)
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, confirm, path_of
from tests.world import World


def test_every_page_passes_axe_and_fits_the_smallest_phone(world: World, sign_in: People) -> None:
    found = []
    for name, page in walk(sign_in, full_world(world)):
        found += problems(page, name, WIDE, PHONE)
        found += sideways(page, name, SMALLEST)
    assert found == []


def test_the_theme_chosen_by_hand_passes_axe_too(world: World, sign_in: People) -> None:
    page = sign_in("manager", path_of(at_the_gate(world)), color_scheme="dark")
    page.locator("[data-theme-toggle]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert violations(page) == []
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="light")
    page.locator("[data-theme-toggle]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert violations(page, COLOURS) == []
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_what_opens_passes_axe(world: World, sign_in: People) -> None:
    page = sign_in("manager", path_of(at_the_gate(world)))
    for key, name in (("a", "approve-dialog"), ("?", "help")):
        page.keyboard.press(key)
        expect(page.locator(f"#{name}")).to_be_visible()
        assert problems(page, name, USUAL) == []
        page.keyboard.press("Escape")
    page.locator(".person-menu summary").click()
    assert problems(page, "person menu", USUAL) == []


def test_pages_that_are_empty_or_refuse_pass_axe(world: World, sign_in: People) -> None:
    sign_in.expect_error("403", "409", "404", "[object Event]", "ERR_FAILED")
    stranger = sign_in.stranger()
    stranger.goto("/accounts/login/")
    found = problems(stranger, "login", USUAL)
    page = sign_in("viewer")
    empty = ("/", "/releases/", "/functions/", "/environments/", "/releases/new/", "/audit/?q=none")
    for address in (*empty, "/functions/add/", "/nowhere/"):
        page.goto(address)
        found += problems(page, f"empty {address}", USUAL)
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
