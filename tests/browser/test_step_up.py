"""Step-up in a browser: asked over the sheet, and what was typed goes out right after."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect

from releases.models import Decision, Release, Rollback
from releases.states import ReleaseState
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import PASSWORD, People
from tests.browser.scenes import path_of, settled
from tests.world import World, package

LATE, NEXT_DAY = timedelta(minutes=16), timedelta(hours=13)
UNANSWERED = "status of 401"


def waiting(world: World) -> Release:
    world.aws.timing.in_progress = 0.0
    world.add()
    return settled(world.request(package("two")), ReleaseState.AWAITING_APPROVAL)


def answer(page: Page, password: str) -> None:
    page.locator("#step-up-dialog").get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_an_approval_is_asked_in_place_and_keeps_its_note(world: World, sign_in: People) -> None:
    release = waiting(world)
    sign_in.expect_error(UNANSWERED)
    page = sign_in("manager", path_of(release), ago=LATE)
    page.locator("#note").fill("Read it twice")
    page.locator("#act-approve").click()
    page.locator("#approve-dialog").get_by_role("button", name="Approve").click()
    dialog = page.locator("#step-up-dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Password")).to_be_focused()
    assert problems(page, "step-up", WIDE, PHONE) == []
    answer(page, "wrong")
    expect(dialog.get_by_role("alert")).to_have_text("This password is wrong.")
    expect(dialog.get_by_label("Password")).to_be_focused()
    assert not Decision.objects.exists()
    answer(page, PASSWORD)
    expect(page.get_by_text("You approved")).to_be_visible()
    assert Decision.objects.get().reason == "Read it twice"


def test_going_back_leaves_everything_as_it_was(world: World, sign_in: People) -> None:
    release = waiting(world)
    sign_in.expect_error(UNANSWERED)
    page = sign_in("manager", path_of(release), ago=LATE)
    page.locator("#note").fill("Read it twice")
    page.locator("#act-approve").click()
    page.locator("#approve-dialog").get_by_role("button", name="Approve").click()
    expect(page.locator("#step-up-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#step-up-dialog")).to_have_count(0)
    expect(page.locator("#approve-dialog")).to_be_visible()
    expect(page.locator("#note")).to_have_value("Read it twice")
    assert not Decision.objects.exists()


def test_a_rollback_is_asked_in_its_sheet_and_keeps_its_reason(
    world: World, sign_in: People
) -> None:
    release = waiting(world)
    world.approve(release)
    settled(release, ReleaseState.RELEASED)
    sign_in.expect_error(UNANSWERED)
    page = sign_in("manager", f"/functions/{world.function.pk}/", ago=NEXT_DAY)
    page.locator("#act-roll-back-function").click()
    page.locator("#reason").fill("Cards are declined")
    page.locator("#act-roll-back").click()
    expect(page.locator("#step-up-dialog")).to_contain_text("within the last 12 hours")
    expect(page.locator("#roll-back-dialog")).to_be_visible()
    answer(page, PASSWORD)
    page.wait_for_url("**/rollbacks/*/")
    assert world.live() == "1"
    assert Rollback.objects.get().reason == "Cards are declined"


def test_without_scripts_a_page_asks_and_goes_on(world: World, sign_in: People) -> None:
    release = waiting(world)
    sign_in.expect_error(UNANSWERED)
    page = sign_in("manager", path_of(release), ago=LATE, java_script_enabled=False)
    page.locator("#note").fill("Read it twice")
    page.locator("#act-approve").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("You approved")).to_be_visible()
    assert Decision.objects.get().reason == "Read it twice"
