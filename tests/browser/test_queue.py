"""Whose turn it is and when, in a browser: places, taking one over, and times to wait for."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from releases.models import Release
from releases.pipeline.poll import poll
from releases.states import ReleaseState
from tests.browser.pages import SMALLEST, USUAL, problems, sideways
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, is_live, path_of, settled, shows
from tests.world import World, package


def a_queue(world: World) -> list[Release]:
    """One at its gate, and two behind it."""
    return [at_the_gate(world), world.request(package("three")), world.request(package("four"))]


def test_a_newer_release_takes_the_place_after_asking(world: World, sign_in: People) -> None:
    flying, between, newer = a_queue(world)
    page = sign_in("manager", path_of(newer))
    is_live(page)
    said = f"2nd in the queue of checkout, behind {between.reference}"
    expect(page.locator("#part-notices")).to_contain_text(said)
    page.locator("#act-supersede").click()
    dialog = page.locator("#supersede-dialog")
    expect(dialog).to_contain_text(f"superseded by {newer.reference}")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.locator("#act-supersede").click()
    dialog.get_by_label(flying.reference).check()
    dialog.get_by_role("button", name="Take its place").click()
    shows(page, "Waiting for approval")
    flying.refresh_from_db()
    between.refresh_from_db()
    assert flying.ends_because == f"superseded by {newer.reference}"
    assert (flying.state, between.state) == (ReleaseState.CANCELLED, ReleaseState.QUEUED)


def test_the_function_and_the_list_show_the_queue(world: World, sign_in: People) -> None:
    flying, between, newer = a_queue(world)
    page = sign_in("viewer", f"/functions/{world.function.pk}/")
    rows = page.locator(".queue-list li")
    for number, release in enumerate((flying, between, newer)):
        expect(rows.nth(number)).to_contain_text(release.reference)
    page.goto("/releases/")
    behind = page.get_by_role("row").filter(has_text="behind " + between.reference)
    expect(behind).to_contain_text(newer.reference)


def test_a_time_is_chosen_in_ones_own_zone_and_counted_down(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("developer", path_of(release), timezone_id="Europe/Berlin")
    is_live(page)
    page.locator("#act-reschedule").click()
    when = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    local = page.evaluate(
        "iso => { const at = new Date(iso), two = (n) => String(n).padStart(2, '0');"
        " return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}"
        "T${two(at.getHours())}:${two(at.getMinutes())}`; }",
        when.isoformat(),
    )
    page.locator("#not-before-change").fill(local)
    expect(page.locator("#not-before-hint-change")).to_contain_text(
        f"In Europe/Berlin; that is {when:%Y-%m-%d %H:%M} UTC."
    )
    page.get_by_role("button", name="Save the time").click()
    expect(page.locator("#part-schedule")).to_contain_text(f"{when:%Y-%m-%d %H:%M} UTC")
    release.refresh_from_db()
    assert release.not_before == when
    is_live(page)
    world.approve(release)
    shows(page, "Approved")
    expect(page.locator("[data-countdown]")).to_contain_text("in 1 d", timeout=60_000)
    assert (world.live(), world.versions()) == ("1", ["1"])


def test_it_goes_out_when_its_time_has_come(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    Release.objects.filter(pk=release.pk).update(not_before=timezone.now() + timedelta(seconds=6))
    page = sign_in("viewer", path_of(release))
    world.approve(release)
    settled(release, ReleaseState.APPROVED)
    shows(page, "Released")
    assert world.live() == "2"


def test_a_change_in_aws_shows_in_the_open_page(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    pages = [sign_in(who, path_of(release)) for who in ("manager", "viewer")]
    for page in pages:
        is_live(page)
    world.client.update_function_configuration(FunctionName="checkout", MemorySize=512)
    world.aws.settle("checkout", region="eu-west-1")
    poll(world.function.pk)
    for page in pages:
        shows(page, "Conflict")
        expect(page.locator("#part-conflict")).to_contain_text("512")


def test_queue_and_schedule_are_accessible(world: World, sign_in: People) -> None:
    flying, _, newer = a_queue(world)
    later = timezone.now() + timedelta(days=1)
    Release.objects.filter(pk__in=[flying.pk, newer.pk]).update(not_before=later)
    page = sign_in("manager")
    found = []
    addresses = ("/releases/", f"/functions/{world.function.pk}/", path_of(flying))
    for address in (*addresses, f"/releases/new/?function={world.function.pk}", path_of(newer)):
        page.goto(address)
        found += [*sideways(page, address, SMALLEST), *problems(page, address, USUAL)]
    for opener in ("#act-supersede", "#act-reschedule"):
        page.locator(opener).click()
        found += problems(page, opener, USUAL)
        page.keyboard.press("Escape")
    assert found == []
