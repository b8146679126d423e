"""Pages that are right by themselves: without a reload, after a broken stream, for people out."""

from playwright.sync_api import APIResponse, Route, expect

from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, is_live, path_of, settled, shows, until
from tests.world import World, package


def test_the_dashboard_fills_and_empties_by_itself(world: World, sign_in: People) -> None:
    world.add()
    page = sign_in("manager")
    is_live(page)
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    release = world.request(package("two"), description="Retry on 429")
    settled(release, ReleaseState.AWAITING_APPROVAL)
    expect(page.locator(".decision")).to_contain_text("Retry on 429", timeout=60_000)
    expect(page).to_have_title("(1) Dashboard · Sluice")
    world.approve(release)
    expect(page.get_by_role("row").filter(has_text=release.reference)).to_contain_text(
        "v2", timeout=60_000
    )
    expect(page).to_have_title("Dashboard · Sluice")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()


def test_a_function_page_shows_its_new_version(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("viewer", f"/functions/{world.function.pk}/")
    is_live(page)
    expect(page.locator(".version-line")).to_contain_text("v1")
    world.approve(release)
    expect(page.locator(".version-line")).to_contain_text("v2", timeout=60_000)


def test_a_page_that_lost_its_stream_says_so_and_catches_up(world: World, sign_in: People) -> None:
    sign_in.expect_error("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK", "[object Event]")
    release = at_the_gate(world)
    page = sign_in("viewer", path_of(release))
    is_live(page)
    page.context.set_offline(True)
    footer = page.locator("[data-live-text]")
    expect(footer).to_contain_text("Not updated since", timeout=60_000)
    world.approve(release)
    settled(release, ReleaseState.RELEASED)
    shows(page, "Waiting for approval")
    page.context.set_offline(False)
    shows(page, "Released")
    is_live(page)


def test_who_signed_out_or_was_deactivated_is_led_to_sign_in(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    viewer = sign_in("viewer", path_of(release))
    manager = sign_in("manager", path_of(release))
    is_live(viewer)
    is_live(manager)
    manager.locator("#note").fill("Half a sentence")

    world.people["viewer"].is_active = False
    world.people["viewer"].save()
    other_tab = manager.context.new_page()
    other_tab.goto("/")
    other_tab.locator(".person-menu summary").click()
    other_tab.get_by_role("button", name="Sign out").click()
    for page in (viewer, manager):
        page.wait_for_url(f"**/accounts/login/?next=*{release.pk}*", timeout=60_000)


def test_a_change_during_a_refresh_is_not_lost(world: World, sign_in: People) -> None:
    release = at_the_gate(world, approvals=2)
    page = sign_in("manager")
    is_live(page)
    slow: list[tuple[Route, APIResponse]] = []

    def first_is_slow(route: Route) -> None:
        if slow:
            route.continue_()
        else:
            slow.append((route, route.fetch()))

    page.route("**/_dashboard/", first_is_slow)
    world.approve(release, by="second-manager")
    page.wait_for_timeout(1000)
    world.approve(release)
    settled(release, ReleaseState.RELEASED)
    page.wait_for_timeout(1000)
    expect(page.locator(".decision")).to_be_visible()
    [(route, as_it_was)] = slow
    route.fulfill(response=as_it_was)
    expect(page.get_by_text("Nothing waits for you")).to_be_visible(timeout=60_000)


def test_an_open_confirmation_is_left_alone_and_true_when_opened_again(
    world: World, sign_in: People
) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    is_live(page)
    dialog, opener = page.locator("#cancel-dialog"), page.locator("[data-dialog=cancel-dialog]")
    opener.click()
    expect(dialog).to_contain_text("Nothing has been staged")
    page.locator("#cancel-note").fill("Half a sentence")
    world.aws.faults.add(Fault("PublishVersion", "error", status=400, code="Denied"))
    world.approve(release)
    settled(release, ReleaseState.FAILED)
    shows(page, "Failed")
    expect(dialog).to_contain_text("Nothing has been staged")
    dialog.get_by_role("button", name="Keep").click()
    expect(dialog).to_contain_text("Sluice puts $LATEST back as it was before")
    opener.click()
    expect(page.locator("#cancel-note")).to_have_value("Half a sentence")


def test_a_refreshed_board_never_drops_the_selected_row(world: World, sign_in: People) -> None:
    at_the_gate(world)
    page = sign_in("manager")
    is_live(page)
    page.keyboard.press("j")
    page.evaluate(
        "document.addEventListener('htmx:afterSettle', (event) => {"
        "  if (event.target.id !== 'board') return;"
        "  window.focusedAtSettle ??= document.activeElement.tagName;"
        "}, true);"
        "htmx.ajax('GET', '/_dashboard/', { source: '#board', target: '#board' })"
    )
    until(lambda: bool(page.evaluate("window.focusedAtSettle")), "the board settled")
    assert page.evaluate("window.focusedAtSettle") == "A"
    expect(page.locator("[data-selected]")).to_have_count(1)
