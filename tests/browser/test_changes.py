"""Reading what will go live in a browser: files, lines, folds, links and keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from releases.models import Release
from tests.browser.differences import compared_at_the_gate
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, is_live, path_of
from tests.world import World


@pytest.fixture
def release(world: World) -> Release:
    """At its gate, and compared."""
    return compared_at_the_gate(world)


def section(page: Page, name: str) -> str:
    return f"[data-file]:has(summary code:text-is('{name}'))"


def loaded(page: Page, name: str = "index.py") -> None:
    page.locator(section(page, name)).scroll_into_view_if_needed()
    expect(page.locator(f"{section(page, name)} table.diff")).to_be_visible(timeout=60_000)


def focused_row(page: Page) -> str:
    return str(page.evaluate("document.activeElement.closest('tr')?.textContent || ''"))


def test_a_reviewer_sees_files_and_lines(sign_in: People, release: Release) -> None:
    page = sign_in("manager", path_of(release))
    card = page.locator("#part-changes")
    expect(card).to_contain_text("1 file changed, 1 added, 1 removed")
    expect(card.locator(".change-tree li")).to_have_count(5)
    loaded(page)
    row = page.locator("tr[data-diff=added]").first
    expect(row).to_contain_text("value_20 = 'twenty'")
    expect(row.locator(".sg")).to_have_text("+")
    expect(row.locator("mark").first).to_be_visible()
    expect(page.locator(f"{section(page, 'index.py')} .diff-count")).to_have_text("+2 \u22122")


def test_a_fold_opens_where_it_is(sign_in: People, release: Release) -> None:
    page = sign_in("manager", path_of(release))
    loaded(page)
    fold = page.get_by_role("link", name="Show 16 unchanged lines")
    fold.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("value_7 = 7", exact=True)).to_be_visible()
    expect(fold).to_have_count(0)
    assert "value_1 = 1" in focused_row(page)


def test_what_was_removed_loads_when_it_is_opened(sign_in: People, release: Release) -> None:
    page = sign_in("manager", path_of(release))
    gone = page.locator(section(page, "lib/gone.py"))
    expect(gone.locator("[data-load]")).to_have_count(1)
    gone.locator("summary").click()
    expect(gone.locator("tr[data-diff=removed]")).to_contain_text("old = True")


def test_side_by_side_and_whitespace_are_kept(sign_in: People, release: Release) -> None:
    page = sign_in("manager", path_of(release))
    page.get_by_role("link", name="Side by side").click()
    loaded(page)
    expect(page.locator("table.diff-split").first).to_be_visible()
    assert "view=split" in page.url
    page.get_by_role("link", name="Ignore whitespace").click()
    page.goto(path_of(release))
    expect(page.get_by_role("link", name="Side by side")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("link", name="Whitespace ignored")).to_be_visible()


def test_a_line_has_an_address(sign_in: People, release: Release) -> None:
    page = sign_in("manager", path_of(release))
    loaded(page)
    page.locator("tr[data-diff=added]").first.locator(".ln a").click()
    page.wait_for_url("**/changes/?path=index.py#n20")
    expect(page.locator("#n20")).to_be_in_viewport()
    page.goto(f"{path_of(release)}changes/?path=index.py#n2")
    expect(page.locator("#n2")).to_be_visible()
    assert "all=1" in page.url


def test_the_pages_work_without_scripts(sign_in: People, release: Release) -> None:
    page = sign_in("manager", path_of(release), java_script_enabled=False)
    page.get_by_role("link", name="What changes in index.py").click()
    expect(page.locator("tr[data-diff=added]").first).to_contain_text("'twenty'")
    page.get_by_role("link", name="Show 16 unchanged lines").click()
    expect(page.locator("#n7")).to_be_visible()


def test_by_keyboard_through_files_and_changes(sign_in: People, release: Release) -> None:
    page = sign_in("manager", path_of(release))
    is_live(page)
    page.keyboard.press("j")
    expect(page.locator("#f0 > summary")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#f1 > summary")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator(".change-tree a[aria-current]")).to_contain_text("index.py")
    loaded(page)
    page.keyboard.press("n")
    expect(page.locator("[data-here]")).to_contain_text("value_20 = 20")
    page.keyboard.press("n")
    expect(page.locator("[data-here]")).to_contain_text("value_50 = 50")
    page.keyboard.press("n")
    expect(page.locator("[data-here]")).to_contain_text("def new")
    page.keyboard.press("p")
    expect(page.locator("[data-here]")).to_contain_text("value_50 = 50")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_contain_text("Next, previous change within the files")


def test_the_keys_are_text_in_a_note(sign_in: People, release: Release) -> None:
    page = sign_in("manager", path_of(release))
    page.locator("#note").press_sequentially("jknp")
    expect(page.locator("#note")).to_have_value("jknp")
    expect(page.locator("#note")).to_be_focused()


def test_the_comparison_appears_in_an_open_page(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    expect(page.locator("#part-changes .change-tree")).to_be_visible(timeout=60_000)


def test_differences_pass_axe(sign_in: People, release: Release) -> None:
    page = sign_in("manager")
    found = []
    for name, address in {
        "unified": path_of(release),
        "split": f"{path_of(release)}?view=split&whitespace=show",
        "file": f"{path_of(release)}changes/?path=index.py&view=unified",
    }.items():
        page.goto(address)
        if name != "file":
            loaded(page)
        found += problems(page, f"changes {name}", WIDE, PHONE)
    assert found == []
