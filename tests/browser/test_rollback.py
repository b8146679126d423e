"""Rolling back in a browser: one click from every page, and when nothing else works."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from releases.holds import hold_on
from releases.models import Release, Rollback, RollbackState
from releases.states import ReleaseState
from sandbox.aws import Fault
from sandbox.aws.seed import SeedVersion
from sandbox.processes import free_port
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People, Profiles
from tests.browser.processes import web_alone
from tests.browser.relay import Relay
from tests.browser.scenes import is_live, path_of, settled, until
from tests.rollbacks import back
from tests.world import World, package

# Keeps what the page said while the browser was already on its way to the next one.
WATCH = """() => {
  const words = document.querySelector("#roll-back-dialog [data-asking]");
  const keep = () => sessionStorage.setItem("said", words.hidden ? "" : words.textContent.trim());
  new MutationObserver(keep).observe(words, { attributes: true });
}"""


@pytest.fixture
def released(world: World) -> Release:
    """`live` at version 2, through the gate; version 1 was live before."""
    world.aws.timing.in_progress = 0.0
    world.add()
    release = settled(world.request(package("two")), ReleaseState.AWAITING_APPROVAL)
    world.approve(release)
    settled(release, ReleaseState.RELEASED)
    world.function.refresh_from_db()
    return release


def function_page(world: World) -> str:
    return f"/functions/{world.function.pk}/"


def sheet(page: Page, button: str) -> Any:
    page.locator(button).click()
    dialog = page.locator("#roll-back-dialog")
    expect(dialog).to_be_visible(timeout=60_000)
    expect(dialog.locator("#reason")).to_be_focused()
    # htmx listens to what it put there a moment later; a busy machine makes it a long one.
    expect(page.locator(".htmx-settling")).to_have_count(0)
    return dialog


def roll_back(page: Page, button: str, reason: str = "Cards are declined") -> None:
    dialog = sheet(page, button)
    dialog.locator("#reason").fill(reason)
    dialog.locator("#act-roll-back").click()


def is_back(page: Page, world: World, version: str = "1") -> None:
    page.wait_for_url("**/rollbacks/*/", timeout=60_000)
    said = f"live points at v{version}, with all its callers"
    expect(page.get_by_role("heading", name=said)).to_be_visible()
    assert world.live() == version


@pytest.mark.parametrize("where", ["dashboard", "function", "release"])
def test_it_is_one_click_from_three_pages(
    world: World, released: Release, sign_in: People, where: str
) -> None:
    address, button = {
        "dashboard": ("/", f"#recent-roll-back-{released.pk}"),
        "function": (function_page(world), "#act-roll-back-function"),
        "release": (path_of(released), "#act-roll-back-release"),
    }[where]
    page = sign_in("manager", address)
    dialog = sheet(page, button)
    expect(dialog.locator("#act-roll-back")).to_contain_text("Roll back v2 → v1")
    page.keyboard.type("Cards are declined")
    dialog.locator("#act-roll-back").click()
    is_back(page, world)
    hold = hold_on(world.function)
    assert hold and hold.reason == "rollback to v1: Cards are declined"


def test_it_works_by_keyboard_alone_and_escape_changes_nothing(
    world: World, released: Release, sign_in: People
) -> None:
    page = sign_in("manager", function_page(world))
    page.locator("#act-roll-back-function").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#reason")).to_be_focused(timeout=60_000)
    page.keyboard.press("Escape")
    expect(page.locator("#roll-back-dialog")).to_have_count(0)
    expect(page.locator("#act-roll-back-function")).to_be_focused()
    assert not Rollback.objects.exists()
    page.keyboard.press("Enter")
    expect(page.locator("#reason")).to_be_focused(timeout=60_000)
    page.keyboard.type("Cards are declined")
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.locator("#act-roll-back:focus").count():
            break
    page.keyboard.press("Enter")
    is_back(page, world)


def test_another_version_is_chosen_and_what_was_typed_stays(world: World, sign_in: People) -> None:
    code = [SeedVersion(code=package(text)) for text in ("one", "two", "three")]
    world.seed(versions=code, aliases={"live": "3"})
    world.add()
    page = sign_in("manager", function_page(world))
    dialog = sheet(page, "#act-roll-back-function")
    page.keyboard.type("Half of it")
    dialog.locator("#to").select_option("1")
    expect(dialog.locator("#act-roll-back")).to_contain_text("v3 → v1")
    expect(dialog.locator("#reason")).to_have_value("Half of it")
    page.keyboard.press("Escape")
    dialog = sheet(page, "#roll-back-to-2")
    expect(dialog.locator("#act-roll-back")).to_contain_text("v3 → v2")


def test_a_double_click_rolls_back_once(world: World, released: Release, sign_in: People) -> None:
    page = sign_in("manager", function_page(world))
    dialog = sheet(page, "#act-roll-back-function")
    dialog.locator("#reason").fill("Twice")
    dialog.locator("#act-roll-back").dblclick()
    is_back(page, world)
    assert Rollback.objects.count() == 1


def test_while_aws_is_slow_it_says_so_and_then_the_truth(
    world: World, released: Release, sign_in: People
) -> None:
    page = sign_in("manager", function_page(world))
    dialog = sheet(page, "#act-roll-back-function")
    world.aws.faults.add(Fault("UpdateAlias", "late", seconds=4.0))
    dialog.locator("#reason").fill("Slow")
    page.evaluate(WATCH)
    dialog.locator("#act-roll-back").click()
    is_back(page, world)
    assert page.evaluate("() => sessionStorage.getItem('said')").startswith("Asking AWS…")


def test_undo_goes_forward_and_the_hold_stays(
    world: World, released: Release, sign_in: People
) -> None:
    page = sign_in("manager", function_page(world))
    roll_back(page, "#act-roll-back-function")
    is_back(page, world)
    roll_back(page, "#act-undo", "It was the network")
    is_back(page, world, "2")
    assert hold_on(world.function) is not None


def test_everybody_sees_it_at_once_and_a_release_waits(
    world: World, released: Release, sign_in: People
) -> None:
    developer = sign_in("developer", function_page(world))
    is_live(developer)
    page = sign_in("manager", "/")
    roll_back(page, f"#recent-roll-back-{released.pk}")
    is_back(page, world)
    banner = developer.locator("#hold-banner")
    expect(banner).to_contain_text("On hold at v1", timeout=60_000)
    expect(banner).to_contain_text("Cards are declined")
    button = developer.locator("#act-roll-back-function")
    expect(button).to_have_attribute("aria-disabled", "true")


def test_what_was_never_approved_here_needs_a_second_person(world: World, sign_in: People) -> None:
    code = [SeedVersion(code=package(text)) for text in ("one", "two")]
    world.seed(versions=code, aliases={"live": "2"})
    world.add()
    page = sign_in("manager", function_page(world))
    roll_back(page, "#act-roll-back-function")
    expect(
        page.get_by_role("heading", name="A second release manager has to agree")
    ).to_be_visible()
    is_live(page)
    assert world.live() == "2"
    second = sign_in("second-manager")
    second.get_by_role("link", name="Review the rollback of checkout").click()
    second.locator("#act-agree").click()
    is_back(second, world)
    said = "live points at v1, with all its callers"
    expect(page.get_by_role("heading", name=said)).to_be_visible(timeout=60_000)


def test_a_hold_is_put_on_and_taken_off(world: World, released: Release, sign_in: People) -> None:
    page = sign_in("manager", function_page(world))
    page.locator("#act-hold-function").click()
    expect(page.locator("#reason")).to_be_focused(timeout=60_000)
    page.keyboard.type("Month-end closing")
    page.locator("#act-hold").click()
    expect(page.locator("#hold-banner")).to_contain_text("Month-end closing")
    page.locator("#resume-function").click()
    expect(page.locator("#resume-dialog")).to_contain_text("Resuming starts nothing by itself")
    page.locator("#reason").fill("Books are closed")
    page.locator("#act-resume").click()
    expect(page.locator("#hold-banner")).to_have_count(0)
    assert hold_on(world.function) is None


@pytest.fixture
def lonely_site(world: World, tmp_path: Path, site_env: dict[str, str]) -> Iterator[str]:
    """The web process alone: its worker and cron were killed, and Redis is down."""
    env = site_env | {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    with (tmp_path / "log").open("w+") as log, web_alone(env, log) as address:
        yield address


def test_it_works_without_worker_and_without_redis(
    world: World, released: Release, profiles: Profiles, lonely_site: str
) -> None:
    people = People(profiles, lonely_site)
    people.expect_error("503", "ERR_")
    page = people("manager", "/")
    for address in ("/", "/releases/", "/functions/", function_page(world), path_of(released)):
        page.goto(address)
        expect(page.locator("#paused")).to_be_visible()
        expect(page.locator("#paused")).to_contain_text("Live updates and new work are paused")
    page.goto(function_page(world))
    roll_back(page, "#act-roll-back-function")
    is_back(page, world)
    people.close()
    assert people.errors == []
    assert Rollback.objects.get().state == RollbackState.DONE


def test_the_paused_bar_goes_by_itself_once_redis_is_back(
    world: World, released: Release, profiles: Profiles, tmp_path: Path, site_env: dict[str, str]
) -> None:
    relay = Relay(os.environ["REDIS_URL"])
    with (
        (tmp_path / "log").open("w+") as log,
        closing(relay),
        web_alone(site_env | {"REDIS_URL": relay.url}, log) as address,
    ):
        people = People(profiles, address)
        people.expect_error("503", "ERR_")
        page = people("manager", function_page(world))
        bar = page.locator("#paused")
        expect(bar).to_be_visible()
        page.evaluate("window.sameDocument = true")
        relay.join()
        expect(bar).to_be_hidden(timeout=30_000)
        relay.close()
        expect(bar).to_be_visible(timeout=30_000)
        relay.join()
        expect(bar).to_be_hidden(timeout=30_000)
        # It was no reload.
        assert page.evaluate("window.sameDocument") is True
        people.close()


def test_every_page_of_it_passes_axe(world: World, released: Release, sign_in: People) -> None:
    done = back(world)
    fix = settled(world.request(package("fix")), ReleaseState.AWAITING_APPROVAL)
    world.approve(fix)
    until(lambda: Release.objects.get(pk=fix.pk).state == ReleaseState.APPROVED, "approved")
    page = sign_in("manager")
    here = function_page(world)
    found = []
    for name, address in {
        "dashboard": "/", "rollback": f"/rollbacks/{done.pk}/",
        "sheet": f"{here}roll-back/?to=2", "hold": f"{here}hold/", "resume": f"{here}resume/",
        "waits": path_of(fix), "functions": "/functions/", "function": here,
    }.items():  # fmt: skip
        page.goto(address)
        found += problems(page, f"rollback {name}", WIDE, PHONE)
    sheet(page, "#act-roll-back-function")
    found += problems(page, "rollback dialog", WIDE, PHONE)
    assert found == []
