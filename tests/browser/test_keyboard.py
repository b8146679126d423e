"""Without a mouse: every way through the main job, and keys that never fire while one types."""

from playwright.sync_api import Page, expect

from releases.models import Decision
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, is_live, path_of, shows
from tests.world import World

OUTLINE = "el => getComputedStyle(el).outlineStyle !== 'none' || getComputedStyle(el).boxShadow"


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        assert focused.evaluate(OUTLINE) not in (False, "none"), focused.evaluate("e=>e.outerHTML")
        if page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"Tab never came to {selector}")


def test_a_release_is_approved_by_keyboard_alone(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("manager")
    page.keyboard.press("j")
    expect(page.locator("[data-selected]")).to_contain_text("checkout")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path_of(release)}")
    page.keyboard.press("a")
    dialog = page.locator("#approve-dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#act-approve")).to_be_focused()
    assert not Decision.objects.exists()

    page.keyboard.press("a")
    expect(dialog.get_by_role("button", name="Approve")).to_be_focused()
    page.keyboard.press("Enter")
    shows(page, "Released")


def test_approve_is_also_reached_by_tab(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    is_live(page)
    tab_to(page, ".skip")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, "#act-approve")
    page.keyboard.press("Enter")
    dialog = page.locator("#approve-dialog")
    expect(dialog).to_contain_text("live moves to it")
    page.keyboard.press("Escape")
    expect(page.locator("#act-approve")).to_be_focused()
    assert not Decision.objects.exists()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Approve")).to_be_focused()
    page.keyboard.press("Enter")
    shows(page, "Released")


def test_r_leads_to_the_note_and_keys_are_text_there(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    page.keyboard.press("r")
    note = page.locator("#note")
    expect(note).to_be_focused()
    page.keyboard.type("a r g d ? /")
    expect(note).to_have_value("a r g d ? /")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(note).not_to_be_focused()
    page.keyboard.press("a")
    expect(page.locator("#approve-dialog")).to_be_visible()
    assert page.url.endswith(path_of(release)) and not Decision.objects.exists()


def test_letters_lead_to_places_and_help_lists_them(world: World, sign_in: People) -> None:
    world.add()
    page = sign_in("manager", "/releases/")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/")
    page.keyboard.press("g")
    page.keyboard.press("f")
    page.wait_for_url("**/functions/")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("input[type=search]:focus")).to_have_count(1)
    page.keyboard.type("checkout?")
    expect(page.locator("input[type=search]:focus")).to_have_value("checkout?")
    assert page.url.endswith("/functions/")


def test_after_g_no_key_decides_anything(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    is_live(page)
    # As for somebody whose bar has no such place.
    page.locator(".nav [data-go=a]").evaluate("link => link.remove()")
    for letter in "ga":
        page.keyboard.press(letter)
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.reload()
    for letter in "ga":
        page.keyboard.press(letter)
    page.wait_for_url("**/audit/")


def test_the_release_page_lists_its_own_keys(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_contain_text("Approve")
    expect(sheet).to_contain_text("Reject")


def test_keys_can_be_switched_off(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    page.keyboard.press("?")
    page.get_by_role("checkbox", name="Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("a")
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_a_live_swap_keeps_focus_and_what_is_typed_and_open(world: World, sign_in: People) -> None:
    release = at_the_gate(world, approvals=2)
    page = sign_in("manager", path_of(release))
    is_live(page)
    unchanged = page.locator("#more-settings")
    unchanged.locator("summary").click()
    page.locator("#note").fill("Half a sen")
    page.locator("#note").press("End")
    world.approve(release, by="second-manager")
    expect(page.locator("#part-approvals .card-head")).to_contain_text("1 of 2", timeout=60_000)
    page.keyboard.type("tence")
    expect(page.locator("#note")).to_have_value("Half a sentence")
    expect(unchanged).to_have_attribute("open", "")


def test_a_live_swap_keeps_the_focus(world: World, sign_in: People) -> None:
    release = at_the_gate(world, approvals=2)
    places = ("#act-approve", ".crumbs a >> nth=1", "#part-approvals .copy")
    pages = {place: sign_in("manager", path_of(release)) for place in places}
    for place, page in pages.items():
        is_live(page)
        page.locator(place).first.focus()
    world.approve(release, by="second-manager")
    for place, page in pages.items():
        expect(page.locator("#part-approvals .card-head")).to_contain_text("1 of 2", timeout=60_000)
        expect(page.locator(place).first).to_be_focused()


def test_a_note_that_was_made_larger_breaks_no_swap(world: World, sign_in: People) -> None:
    release = at_the_gate(world, approvals=2)
    page = sign_in("manager", path_of(release))
    is_live(page)
    # What the browser does when somebody drags the corner of the field.
    page.locator("#note").evaluate("note => { note.style.height = '200px' }")
    world.approve(release, by="second-manager")
    expect(page.locator("#part-approvals .card-head")).to_contain_text("1 of 2", timeout=60_000)
