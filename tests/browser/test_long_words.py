"""Names and texts as long as AWS allows, without a space: no page grows wider than its window."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from releases.models import Release
from releases.states import ReleaseState
from tests.browser.pages import OVERFLOW, violations
from tests.browser.people import People
from tests.browser.scenes import path_of, settled
from tests.world import World, package

NAME, TEXT = "n" * 64, "w" * 256
WIDTHS = (360, 390, 768, 1024, 1280, 1440)
# What sticks out of its card, or is cut off by it, though nothing scrolls there.
CUT_OFF = """() => [...document.querySelectorAll('.card')].flatMap((card) => {
  const edge = card.getBoundingClientRect().right + 1;
  const shown = (head) => !head || getComputedStyle(head).clipPath === 'none';
  return [...card.querySelectorAll('*')]
    .filter((each) => shown(each.closest('thead')))
    .filter((each) => !each.closest('.scroll-x, .vh, .source-tabs, svg'))
    .filter((each) => each.getBoundingClientRect().right > edge)
    .map((each) => `${each.tagName} ${each.className} ${each.textContent.trim().slice(0, 30)}`);
})"""


@pytest.fixture
def release(world: World) -> Release:
    world.name = NAME
    world.seed()
    world.add()
    return settled(world.request(package("two"), description=TEXT), ReleaseState.AWAITING_APPROVAL)


def addresses(release: Release) -> list[str]:
    of_function = f"/functions/{release.function_id}/"
    return [
        "/", "/releases/", path_of(release), f"/releases/new/?function={release.function_id}",
        "/functions/", of_function, f"{of_function}settings/", "/audit/",
    ]  # fmt: skip


def sticks_out(page: Page) -> list[str]:
    over, cut_off = page.evaluate(OVERFLOW), page.evaluate(CUT_OFF)
    return [*cut_off, f"{over} px"] if over > 0 else [*cut_off]


def test_no_page_scrolls_sideways_or_cuts_a_long_word(sign_in: People, release: Release) -> None:
    page = sign_in("manager")
    found = []
    for address in addresses(release):
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            found += [f"{address} {width} px: {each}" for each in sticks_out(page)]
    assert not found, "\n".join(found)


def test_a_message_stands_clear_of_the_sticky_header(
    world: World, sign_in: People, release: Release
) -> None:
    world.function.refresh_from_db()
    page = sign_in("manager", path_of(release), viewport={"width": 1280, "height": 800})
    page.locator("#note").fill("Not now")
    page.locator("#act-reject").click()
    page.locator("#messages .notice").wait_for()
    message = page.locator("#messages").bounding_box()
    header = page.locator("#part-head").bounding_box()
    assert message and header
    assert message["y"] + message["height"] <= header["y"]
    assert violations(page) == []
