"""Deciding in a browser: who may, with which words, and on what exactly."""

from playwright.sync_api import Page, expect

from releases.actions.change_policy import change_policy
from releases.models import Decision, Release
from releases.rules import Rules
from releases.states import Gate, ReleaseState
from tests.browser.people import People
from tests.browser.scenes import approve, at_the_gate, is_live, path_of, shows
from tests.world import HERE, World


def ask_for_two(world: World) -> None:
    """An administrator changes the policy: the release at its gate begins a new round."""
    change_policy(world.function, Rules(2), by=world.people["admin"], origin=HERE)


def approvals(page: Page, count: str) -> None:
    expect(page.locator("#part-approvals .card-head")).to_contain_text(count, timeout=60_000)


def test_the_requester_reads_why_they_cannot_approve(world: World, sign_in: People) -> None:
    release = at_the_gate(world, by="manager")
    page = sign_in("manager", path_of(release))
    button = page.locator("#act-approve")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    expect(page.locator("#spoken")).to_contain_text("You requested this release")
    expect(page.locator("#part-decide")).to_contain_text("your approval does not count")
    assert not Decision.objects.exists()


def test_a_rejection_needs_its_reason_and_puts_latest_back(world: World, sign_in: People) -> None:
    release = at_the_gate(world, gate=Gate.STAGE_FIRST)
    assert release.artifact and world.latest()["CodeSha256"] == release.artifact.code_sha256
    developer = sign_in("developer", path_of(release))
    is_live(developer)
    page = sign_in("manager", path_of(release))
    page.locator("#act-reject").click()
    expect(page.locator("#note")).to_be_focused()
    expect(page.locator("#spoken")).to_contain_text("a rejection needs a note")
    shows(page, "Waiting for approval")

    page.locator("#note").fill("Breaks refunds")
    page.locator("#act-reject").click()
    for each in (page, developer):
        shows(each, "Rejected")
        expect(each.locator("#part-notices")).to_contain_text("Breaks refunds")
    first = world.client.get_function_configuration(FunctionName="checkout", Qualifier="1")
    assert world.latest()["CodeSha256"] == first["CodeSha256"]
    assert (world.live(), world.versions()) == ("1", ["1"])


def test_a_page_that_heard_of_the_change_offers_no_approval(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    is_live(page)
    ask_for_two(world)
    said = page.get_by_text("This release changed while you were reading")
    expect(said).to_be_visible(timeout=60_000)
    expect(page.locator("#act-approve")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("link", name="Show it as it is now").click()
    approve(page)
    approvals(page, "1 of 2")


def test_a_click_on_a_stale_page_decides_nothing(world: World, sign_in: People) -> None:
    # 404: what the stale page had not fetched yet of its difference belongs to no round any more.
    sign_in.expect_error("409", "404", "[object Event]", "ERR_FAILED")
    release = at_the_gate(world)
    page = sign_in("manager")
    page.route("**/live/**", lambda route: route.abort())
    page.goto(path_of(release))
    ask_for_two(world)
    page.locator("#note").fill("Looks right")
    approve(page)
    said = f"{release.reference} changed after this page was loaded, so nothing was decided."
    expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()
    expect(page.locator("#note")).to_have_value("Looks right")
    assert not Decision.objects.exists()
    assert Release.objects.get().state == ReleaseState.AWAITING_APPROVAL


def test_two_people_approve_and_see_each_other(world: World, sign_in: People) -> None:
    release = at_the_gate(world, approvals=2)
    first, second = (sign_in(who, path_of(release)) for who in ("manager", "second-manager"))
    is_live(second)
    first.locator("#note").fill("Read every line")
    approve(first)
    approvals(second, "1 of 2")
    expect(second.locator("#part-approvals")).to_contain_text("Read every line")
    assert (world.live(), world.versions()) == ("1", ["1"])
    approve(second)
    shows(first, "Released")
    shows(second, "Released")


def test_an_approval_is_withdrawn(world: World, sign_in: People) -> None:
    release = at_the_gate(world, approvals=2)
    page = sign_in("manager", path_of(release))
    approve(page)
    approvals(page, "1 of 2")
    expect(page.locator("#act-approve")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Withdraw my approval").click()
    approvals(page, "0 of 2")
    expect(page.get_by_role("status").filter(has_text="You withdrew your approval")).to_be_visible()
    approve(page)
    approvals(page, "1 of 2")


def test_a_release_is_cancelled_after_asking_once_more(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("developer", path_of(release))
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name=f"Keep {release.reference}").click()
    shows(page, "Waiting for approval")
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_label("Why (optional)").fill("Superseded")
    page.get_by_role("button", name=f"Cancel {release.reference}").click()
    shows(page, "Cancelled")
    expect(page.locator("#part-notices")).to_contain_text("Superseded")


def test_a_note_for_a_release_that_was_decided_is_not_asked_for_any_more(
    world: World, sign_in: People
) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    is_live(page)
    page.locator("#note").fill("I wonder about line 12")
    world.approve(release, by="second-manager")
    shows(page, "Released")
    expect(page.locator("#decision")).to_have_count(0)
    expect(page.locator("#part-decide")).to_contain_text("I wonder about line 12")
