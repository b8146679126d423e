"""Approval policies in a browser: entered, proposed, decided, and read by everybody."""

from playwright.sync_api import Page, expect

from releases.models import Function, PolicyChange
from releases.rules import Rules
from tests.browser.pages import SMALLEST, USUAL, problems
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, path_of
from tests.world import World

STRICT = "2 release managers and 1 security, none of them an author"


def policy_path(world: World) -> str:
    return f"/functions/{world.function.pk}/policy/"


def enter(page: Page, managers: int, security: int, reason: str = "") -> None:
    page.get_by_label("Rules of its own, as below").check()
    page.get_by_label("Release managers", exact=True).fill(str(managers))
    page.get_by_label("Security", exact=True).fill(str(security))
    page.get_by_label("Why").fill(reason)
    page.get_by_role("button", name="Save the policy").click()


def propose(world: World, sign_in: People) -> Page:
    """A strict policy, and the wish for a looser one."""
    world.add(approvals=2, security=1)
    page = sign_in("admin", policy_path(world))
    enter(page, 2, 0, "Security reads the shared layer instead.")
    expect(page.locator("#pending-policy")).to_be_visible()
    return page


def test_a_stricter_policy_is_entered_by_keyboard_and_read(world: World, sign_in: People) -> None:
    world.add()
    page = sign_in("admin", f"/functions/{world.function.pk}/settings/")
    page.get_by_role("link", name="Change the policy").click()
    page.get_by_label("Rules of its own, as below").check()
    page.get_by_label("Release managers", exact=True).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.locator(".page-sub")).to_contain_text(STRICT)
    page.goto(f"/functions/{world.function.pk}/")
    expect(page.locator("#about")).to_contain_text(STRICT)


def test_what_nobody_could_satisfy_is_explained(world: World, sign_in: People) -> None:
    sign_in.expect_error("422")
    world.add()
    page = sign_in("admin", policy_path(world))
    enter(page, 1, 5)
    expect(page.get_by_label("Security", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#policy-form")).to_contain_text("5 security where 1 is active")


def test_a_looser_policy_is_approved_by_the_present_one(world: World, sign_in: People) -> None:
    propose(world, sign_in)
    for who in ("manager", "second-manager", "security"):
        page = sign_in(who)
        expect(page.locator("#nav-count")).to_contain_text("1")
        page.get_by_role("link", name="Review the approval policy of checkout").click()
        page.get_by_role("button", name="Approve the change").click()
        expect(page.get_by_text("You approved the change.")).to_be_visible()
    assert Function.objects.get().rules == Rules(2)
    expect(page.locator("#pending-policy")).to_have_count(0)


def test_it_is_rejected_with_a_reason(world: World, sign_in: People) -> None:
    sign_in.expect_error("422")
    propose(world, sign_in)
    page = sign_in("security", policy_path(world))
    page.get_by_role("button", name="Reject the change").click()
    expect(page.get_by_role("alert")).to_contain_text("a rejection needs a reason")
    page.get_by_label("Reason").fill("Not before the audit.")
    page.get_by_role("button", name="Reject the change").click()
    expect(page.get_by_text("You rejected the change.")).to_be_visible()
    assert PolicyChange.objects.get().closed_because == "Not before the audit."
    assert Function.objects.get().rules == Rules(2, 1)


def test_its_proposer_withdraws_it(world: World, sign_in: People) -> None:
    page = propose(world, sign_in)
    page.get_by_role("button", name="Withdraw the change").click()
    expect(page.locator("#pending-policy")).to_have_count(0)


def test_its_pages_pass_axe_and_fit_the_smallest_phone(world: World, sign_in: People) -> None:
    pages = {"admin": propose(world, sign_in), "manager": sign_in("manager")}
    environment = f"/environments/{world.environment.pk}/"
    own, settings = f"/functions/{world.function.pk}/", f"/functions/{world.function.pk}/settings/"
    found = []
    for who, address in (
        ("admin", policy_path(world)),
        ("admin", f"{environment}policy/"),
        ("admin", environment),
        ("admin", settings),
        ("manager", policy_path(world)),
        ("manager", own),
        ("manager", "/"),
    ):
        pages[who].goto(address)
        found += problems(pages[who], f"policy {who} {address}", SMALLEST)
    assert found == []


def test_two_groups_on_the_release_page_pass_axe(world: World, sign_in: People) -> None:
    release = at_the_gate(world, approvals=2, security=1)
    world.approve(release)
    page = sign_in("security", path_of(release))
    card = page.locator("#part-approvals")
    expect(card).to_contain_text("2 \u00d7 release managers")
    expect(card).to_contain_text("1 \u00d7 security")
    expect(card).to_contain_text("lapses in 6 days")
    assert problems(page, "policy release", USUAL) == []
