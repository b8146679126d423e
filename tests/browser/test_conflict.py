"""The function changes in AWS between approval and publish: no version, and three ways on."""

import pytest
from playwright.sync_api import Page, expect

from releases.models import Release
from releases.states import Gate
from sandbox.aws import Fault
from tests.browser.people import People
from tests.browser.scenes import (
    approve,
    at_the_gate,
    confirm,
    is_live,
    path_of,
    shows,
    unseen_for_now,
)
from tests.world import World, package


def change_in_aws(world: World) -> str:
    """Somebody goes around Sluice; the hash of what they put there."""
    changed = world.client.update_function_code(FunctionName="checkout", ZipFile=package("theirs"))
    return str(changed["CodeSha256"])


def change_before_the_click(world: World, manager: Page) -> str:
    unseen_for_now(world)
    theirs = change_in_aws(world)
    approve(manager)
    return theirs


def change_while_publishing(world: World, manager: Page) -> str:
    held = world.aws.faults.add(Fault("PublishVersion", "hold"))
    approve(manager)
    assert world.aws.faults.wait_held(held, 15)
    theirs = change_in_aws(world)
    world.aws.faults.release(held)
    return theirs


def both_pages(sign_in: People, release: Release) -> tuple[Page, Page]:
    pages = sign_in("developer", path_of(release)), sign_in("manager", path_of(release))
    for page in pages:
        is_live(page)
    return pages


def in_conflict(world: World, *pages: Page) -> None:
    for page in pages:
        shows(page, "Conflict")
        expect(page.get_by_role("heading", name="Choose how to go on")).to_be_visible()
    assert (world.live(), world.versions()) == ("1", ["1"])


def sha_of_version_two(world: World) -> str:
    found = world.client.get_function_configuration(FunctionName="checkout", Qualifier="2")
    return str(found["CodeSha256"])


@pytest.mark.parametrize("gate", list(Gate))
def test_stage_mine_again_on_top(world: World, sign_in: People, gate: Gate) -> None:
    release = at_the_gate(world, gate=gate)
    developer, manager = both_pages(sign_in, release)
    theirs = change_before_the_click(world, manager)
    in_conflict(world, developer, manager)
    expect(manager.locator("#part-conflict")).to_contain_text("code of $LATEST is now")

    developer.locator("#act-stage-again").click()
    developer.locator("#stage-again-dialog").get_by_role("button", name="Stage again").click()
    shows(developer, "Waiting for approval")
    shows(manager, "Waiting for approval")
    expect(manager.locator(".page-title")).to_contain_text("round 2")
    if gate == Gate.REVIEW_FIRST:
        assert world.latest()["CodeSha256"] == theirs

    manager.goto(path_of(release))
    approve(manager)
    shows(manager, "Released")
    shows(developer, "Released")
    release.refresh_from_db()
    assert release.artifact and sha_of_version_two(world) == release.artifact.code_sha256
    assert world.live() == "2"


def test_adopt_what_is_there_with_one_approval_more(world: World, sign_in: People) -> None:
    release = at_the_gate(world, gate=Gate.STAGE_FIRST)
    developer, manager = both_pages(sign_in, release)
    theirs = change_while_publishing(world, manager)
    in_conflict(world, developer, manager)

    developer.get_by_role("button", name="Adopt and review").click()
    dialog = developer.locator("#adopt-dialog")
    expect(dialog).to_contain_text("You become an author of this release")
    assert Release.objects.get(pk=release.pk).state == "conflict"
    confirm(developer, "adopt-dialog", "Adopt and review")
    shows(developer, "Waiting for approval")
    expect(developer.locator("#part-approvals")).to_contain_text("0 of 2")

    manager.goto(path_of(release))
    approve(manager)
    expect(manager.locator("#part-approvals")).to_contain_text("1 of 2")
    shows(manager, "Waiting for approval")
    approve(sign_in("second-manager", path_of(release)))
    shows(developer, "Released")
    assert sha_of_version_two(world) == theirs
    assert world.live() == "2"


def test_cancelling_leaves_what_is_there(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    developer, manager = both_pages(sign_in, release)
    theirs = change_while_publishing(world, manager)
    in_conflict(world, developer, manager)

    manager.get_by_role("button", name="Cancel the release").click()
    dialog = manager.locator("#cancel-dialog")
    dialog.get_by_label("Why (optional)").fill("Theirs is right")
    dialog.get_by_role("button", name=f"Cancel {release.reference}").click()
    shows(manager, "Cancelled")
    shows(developer, "Cancelled")
    expect(developer.locator("#part-notices")).to_contain_text("Theirs is right")
    assert world.latest()["CodeSha256"] == theirs
    assert (world.live(), world.versions()) == ("1", ["1"])
