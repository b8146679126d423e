"""Freezes in a browser: placed by keyboard, waited for, overridden once, and lifted."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from releases.models import AuditEvent, Freeze, Hold, Release
from releases.models.freezes import Recurrence, Weekday
from releases.states import ReleaseState
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People
from tests.browser.scenes import approve, at_the_gate, confirm, is_live, path_of, shows, until
from tests.world import World


def type_into(page: Page, name: str, keys: str) -> None:
    page.locator(f"#id_{name}").focus()
    page.keyboard.type(keys)


def place_weekly(page: Page) -> None:
    """From yesterday to the day after tomorrow, every week, with no pointer."""
    today = timezone.now().date()
    first, last = (Weekday((today + timedelta(days=days)).weekday()).label for days in (-1, 2))
    page.locator("main .btn-primary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Place a freeze")).to_be_visible()
    type_into(page, "environment", "production")
    type_into(page, "reason", "Books are closed")
    type_into(page, "recurrence", "Every week")
    type_into(page, "from_weekday", first)
    type_into(page, "from_time", "1200AM")
    type_into(page, "to_weekday", last)
    type_into(page, "to_time", "1200AM")
    page.get_by_role("button", name="Place the freeze").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/freezes/")


def test_a_release_waits_goes_out_in_spite_of_it_and_it_is_lifted(
    world: World, sign_in: People
) -> None:
    world.aws.timing.in_progress = 0.0
    release = at_the_gate(world)
    watching = sign_in("developer", f"/functions/{world.function.pk}/")
    is_live(watching)
    page = sign_in("manager", "/freezes/")
    place_weekly(page)
    placed = Freeze.objects.get()
    assert (placed.recurrence, placed.environment) == (Recurrence.WEEKLY, world.environment)
    expect(watching.locator("[data-freeze]")).to_contain_text("Books are closed", timeout=60_000)
    page.goto(path_of(release))
    is_live(page)
    approve(page)
    shows(page, "Approved")
    until(lambda: AuditEvent.objects.filter(action="release.held").exists(), "it was held")
    page.locator("#act-override").click()
    page.locator("#override-note").fill("Cards are declined")
    confirm(page, "override-dialog", "Let it out")
    approve(page)
    expect(page.locator("#part-approvals")).to_contain_text("1 of 2", timeout=60_000)
    second = sign_in("second-manager", path_of(release))
    is_live(second)
    approve(second)
    shows(second, "Released")
    assert Release.objects.get(pk=release.pk).state == ReleaseState.RELEASED
    admin = sign_in("admin", f"/freezes/{placed.pk}/lift/")
    admin.locator("textarea[name=reason]").fill("Called off")
    admin.get_by_role("button", name="Lift the freeze").click()
    expect(admin.get_by_role("heading", name="Nothing is frozen")).to_be_visible()
    expect(watching.locator("[data-freeze]")).to_have_count(0, timeout=60_000)


def test_every_page_that_tells_of_it_passes_axe(world: World, sign_in: People) -> None:
    release, now, by = at_the_gate(world), timezone.now(), world.people["manager"]
    Freeze.objects.create(
        environment=world.environment, reason="Books are closed", placed_by=by,
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=2),
    )  # fmt: skip
    Hold.objects.create(function=world.function, reason="Month-end", placed_by=by)
    here, found = f"/functions/{world.function.pk}/", []
    page = sign_in("manager")
    for name, address in {
        "function": here, "dashboard": "/", "board": "/board/", "resume": f"{here}resume/",
        "new": f"/releases/new/?function={world.function.pk}", "release": path_of(release),
        "freezes": "/freezes/",
    }.items():  # fmt: skip
        page.goto(address)
        found += problems(page, f"freezes {name}", WIDE, PHONE)
    assert found == []
