"""Drift in the browser: found while people look, decided on, and gone from every open page."""

from __future__ import annotations

from playwright.sync_api import expect

from releases.models import Drift, Release
from releases.pipeline.poll import poll
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People
from tests.browser.scenes import confirm, is_live, shows, until
from tests.world import World, package


def go_around(world: World) -> None:
    world.client.update_function_configuration(
        FunctionName=world.name, MemorySize=512,
        Environment={"Variables": {"TOKEN": "planted-other", "EXTRA": "planted-extra"}},
    )  # fmt: skip


def drift_of(world: World) -> Drift:
    def is_found() -> bool:
        poll(world.function.pk)
        return Drift.objects.open().exists()

    until(is_found, "drift")
    return Drift.objects.get()


def path_of(drift: Drift) -> str:
    return f"/drifts/{drift.pk}/"


def test_it_appears_on_open_pages_and_is_restored(world: World, sign_in: People) -> None:
    world.add()
    dashboard = sign_in("manager", "/")
    function = sign_in("developer", f"/functions/{world.function.pk}/")
    for page in (dashboard, function):
        is_live(page)
    go_around(world)
    drift = drift_of(world)
    expect(dashboard.locator("#stuck ~ .count")).to_have_text("1", timeout=60_000)
    expect(function.locator("#drift-title")).to_be_visible(timeout=60_000)

    dashboard.get_by_role("link", name="Decide on checkout").click()
    expect(dashboard.locator("#what-title")).to_be_visible()
    is_live(dashboard)
    dashboard.locator("#act-restore").click()
    expect(dashboard.locator("#restore-dialog")).to_contain_text("128 MB")
    assert world.latest()["MemorySize"] == 512
    confirm(dashboard, "restore-dialog", "Restore v1")
    expect(dashboard.locator("#messages")).to_contain_text("is as it was released again")
    expect(function.locator("#drift-title")).to_have_count(0, timeout=60_000)
    latest = world.latest()
    assert latest["MemorySize"] == 128
    assert latest["Environment"]["Variables"] == {"TOKEN": "planted-secret"}
    drift.refresh_from_db()
    assert drift.state == "restored"


def test_adopted_it_goes_through_the_gate(world: World, sign_in: People) -> None:
    world.add()
    go_around(world)
    developer = sign_in("developer", path_of(drift_of(world)))
    developer.locator("#act-adopt").click()
    confirm(developer, "adopt-dialog", "Adopt and review")
    shows(developer, "Waiting for approval")
    expect(developer.locator("#part-approvals")).to_contain_text("0 of 2")
    assert Release.objects.get().artifact is None


def test_ignored_with_a_reason(world: World, sign_in: People) -> None:
    world.add()
    go_around(world)
    manager = sign_in("manager", path_of(drift_of(world)))
    manager.locator("#act-ignore").click()
    manager.get_by_label("Why nothing has to be done").fill("Load test until Friday")
    confirm(manager, "ignore-dialog", "Ignore")
    expect(manager.locator("#drift")).to_contain_text("Load test until Friday")
    expect(manager.get_by_role("heading", name="Choose how to go on")).to_have_count(0)


def test_what_moved_while_the_sheet_was_open_is_not_overwritten(
    world: World, sign_in: People
) -> None:
    world.add()
    go_around(world)
    manager = sign_in("manager", path_of(drift_of(world)))
    manager.locator("#act-restore").click()
    world.client.update_function_configuration(FunctionName=world.name, Timeout=77)
    until(lambda: world.latest()["LastUpdateStatus"] == "Successful", "settled")
    sign_in.expect_error("409")
    confirm(manager, "restore-dialog", "Restore v1")
    expect(manager.locator("#main")).to_contain_text("Nothing was done")
    assert world.latest()["Timeout"] == 77


def test_a_function_that_was_deleted_is_said_so_and_keeps_its_history(
    world: World, sign_in: People
) -> None:
    world.add()
    page = sign_in("manager", f"/functions/{world.function.pk}/")
    is_live(page)
    world.client.delete_function(FunctionName=world.name)
    drift = drift_of(world)
    expect(page.locator("#drift-title")).to_be_visible(timeout=60_000)
    page.reload()
    expect(page.locator("#main")).to_contain_text("is no longer in AWS: nobody can call it")
    expect(page.locator("#main")).to_contain_text("v1")
    page.goto(path_of(drift))
    expect(page.locator("#main")).to_contain_text("is no longer in AWS. Nobody can call it.")


def test_the_page_is_accessible_and_fits(world: World, sign_in: People) -> None:
    world.aws.timing.in_progress = 0.0
    world.add()
    go_around(world)
    world.client.update_function_code(FunctionName=world.name, ZipFile=package("theirs"))
    drift = drift_of(world)
    page = sign_in("manager")
    found = []
    for address in (f"/functions/{world.function.pk}/", "/", path_of(drift)):
        page.goto(address)
        found += problems(page, address, WIDE, PHONE)
    page.locator("#act-restore").click()
    found += problems(page, "restore sheet", WIDE, PHONE)
    assert found == []
