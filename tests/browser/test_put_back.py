"""Rolling back a function without an alias, in a browser: one person, no gate, old code again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from releases.models import Release, Version
from releases.states import ReleaseState
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People
from tests.browser.scenes import path_of, settled, shows
from tests.world import World, package


@pytest.fixture
def released(world: World) -> Release:
    """Callers run `$LATEST`, with the code of version 2; version 1 was there before."""
    world.aws.reset()
    world.aws.timing.in_progress = 0.0
    world.alias = ""
    world.seed()
    world.add()
    release = settled(world.request(package("two")), ReleaseState.AWAITING_APPROVAL)
    world.approve(release)
    return settled(release, ReleaseState.RELEASED)


def function_page(world: World) -> str:
    return f"/functions/{world.function.pk}/"


def test_one_person_puts_earlier_code_back_without_a_gate(
    world: World, released: Release, sign_in: People
) -> None:
    page = sign_in("manager", function_page(world))
    page.locator("#act-roll-back-function").click()
    dialog = page.locator("#roll-back-dialog")
    expect(dialog.locator("#reason")).to_be_focused(timeout=60_000)
    expect(dialog).to_contain_text("There is no alias to move.")
    expect(dialog).to_contain_text("It skips the gate")
    expect(dialog.locator("#roll-back-files")).to_contain_text("1 file changed", timeout=60_000)
    page.keyboard.type("Cards are declined")
    dialog.locator("#act-roll-back").click()
    page.wait_for_url("**/releases/*/", timeout=60_000)
    expect(page.get_by_role("heading", name="Released as version")).to_be_visible(timeout=60_000)
    shows(page, "Released")
    expect(page.locator(".page-title")).to_contain_text("rollback to v1")
    expect(page.locator("#part-rail")).to_contain_text("skipped: a rollback")
    old = Version.objects.get(function=world.function, number=1)
    assert world.latest()["CodeSha256"] == old.code_sha256
    page.goto(function_page(world))
    expect(page.locator("#hold-banner")).to_contain_text("rollback to v1: Cards are declined")


def test_its_pages_pass_axe(world: World, released: Release, sign_in: People) -> None:
    page = sign_in("manager")
    here, found = function_page(world), []
    for name, address in {
        "sheet": f"{here}roll-back/", "function": here, "dashboard": "/",
        "release": path_of(released),
    }.items():  # fmt: skip
        page.goto(address)
        found += problems(page, f"put back {name}", WIDE, PHONE)
    assert found == []
