"""Comparing two versions from the page of their function, and the files of a conflict."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from releases.models import CodeComparison, Comparison, Function, Release
from releases.states import ReleaseState
from sandbox.aws.seed import SeedVersion
from tests.browser.differences import LINES, NEW, OLD, text_of
from tests.browser.pages import PHONE, SMALLEST, WIDE, problems
from tests.browser.people import People
from tests.browser.scenes import approve, at_the_gate, is_live, path_of, settled, shows
from tests.browser.test_changes import loaded
from tests.packages.zips import zip_of
from tests.world import World

THEIRS = NEW | {"hotfix.py": b"patched = True\n", "index.py": text_of([*LINES, "hotfix = 1"])}


@pytest.fixture
def function(world: World) -> Function:
    """Version 1 is live, 2 has other files and more memory."""
    newer = SeedVersion(code=zip_of(NEW), configuration={"MemorySize": 512})
    world.seed(versions=[SeedVersion(code=zip_of(OLD)), newer])
    return world.add()


def page_of(function: Function) -> str:
    return f"/functions/{function.pk}/"


def is_compared(page: Page) -> None:
    expect(page.locator("#part-changes .change-tree")).to_be_visible(timeout=60_000)


def test_two_versions_chosen_on_the_function_page(sign_in: People, function: Function) -> None:
    page = sign_in("viewer", page_of(function))
    form = page.get_by_role("form", name="Compare two versions")
    form.get_by_label("From").fill("2")
    form.get_by_label("to", exact=True).fill("1")
    form.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare/?old=2&new=1")
    is_compared(page)
    expect(page.locator(".change-summary")).to_have_text(
        "1 file changed, 1 added, 1 removed; memory 512 → 128 MB; role unchanged"
    )
    page.get_by_role("link", name="Swap sides").click()
    page.wait_for_url("**/compare/?old=1&new=2")
    is_compared(page)
    expect(page.get_by_role("heading", name="Version 1 → Version 2")).to_be_visible()


def test_by_keyboard_alone_and_without_scripts(sign_in: People, function: Function) -> None:
    page = sign_in("viewer", page_of(function), java_script_enabled=False)
    page.get_by_label("From").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/?old=1&new=2")
    for _ in range(40):
        if page.get_by_role("link", name="What changes in index.py").is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.get_by_role("link", name="What changes in index.py").click()
    expect(page.locator("tr[data-diff=added]").first).to_contain_text("'twenty'")


def test_a_row_compares_with_live_and_reads_like_a_review(
    sign_in: People, function: Function
) -> None:
    page = sign_in("viewer", page_of(function))
    page.get_by_role("link", name="Compare v2 with live").click()
    is_compared(page)
    page.keyboard.press("j")
    expect(page.locator("#f0 > summary")).to_be_focused()
    loaded(page)
    page.keyboard.press("n")
    expect(page.locator("[data-here]")).to_contain_text("value_20 = 20")
    page.locator("tr[data-diff=added]").first.locator(".ln a").click()
    page.wait_for_url("**/changes/?path=index.py#n20")
    expect(page.locator("#n20")).to_be_in_viewport()
    page.get_by_role("link", name="Comparison of checkout").click()
    is_compared(page)


def test_side_by_side_stays_on_these_two(sign_in: People, function: Function) -> None:
    page = sign_in("viewer", f"{page_of(function)}compare/?old=1&new=2")
    is_compared(page)
    page.get_by_role("link", name="Side by side").click()
    loaded(page)
    expect(page.locator("table.diff-split").first).to_be_visible()
    assert "old=1&new=2&view=split" in page.url


def in_conflict(world: World) -> Release:
    """Approved, then somebody put other files on `$LATEST`."""
    world.seed(versions=[SeedVersion(code=zip_of(OLD))])
    release = at_the_gate(world, code=zip_of(NEW))
    world.client.update_function_code(FunctionName="checkout", ZipFile=zip_of(THEIRS))
    world.approve(release)
    return settled(release, ReleaseState.CONFLICT)


def test_a_conflict_shows_what_differs_in_files(world: World, sign_in: People) -> None:
    world.seed(versions=[SeedVersion(code=zip_of(OLD))])
    release = at_the_gate(world, code=zip_of(NEW))
    page = sign_in("manager", path_of(release))
    is_live(page)
    world.client.update_function_code(FunctionName="checkout", ZipFile=zip_of(THEIRS))
    approve(page)
    shows(page, "Conflict")
    files = page.locator(".conflict-files dd")
    expect(files.nth(0)).to_contain_text("1 file changed, 1 added", timeout=60_000)
    expect(files.nth(1)).to_contain_text("1 file changed, 2 added, 1 removed", timeout=60_000)
    files.nth(0).get_by_role("link", name="Show the files").click()
    is_compared(page)
    expect(page.locator(".change-tree")).to_contain_text("hotfix.py")
    expect(page.get_by_role("heading", name=f"Package of {release.reference} → $LATEST"))
    page.go_back()
    files.nth(1).get_by_role("link", name="Show the files").click()
    page.wait_for_url("**/compare/?old=1&new=%24LATEST")
    is_compared(page)


def test_comparisons_pass_axe(sign_in: People, function: Function) -> None:
    page = sign_in("manager")
    compare = f"{page_of(function)}compare/"
    found = []
    for name, address in {
        "function": page_of(function),
        "compare": f"{compare}?old=1&new=2",
        "split": f"{compare}?old=1&new=2&view=split",
        "same": f"{compare}?old=2&new=$LATEST&view=unified",
        "choose": compare,
    }.items():
        page.goto(address)
        if name in ("compare", "split"):
            is_compared(page)
            loaded(page)
        found += problems(page, f"versions {name}", WIDE, PHONE, SMALLEST)
    CodeComparison.objects.update(comparison=Comparison.FAILED, comparison_problem="It is gone.")
    page.goto(f"{compare}?old=1&new=2")
    found += problems(page, "versions failed", WIDE, PHONE, SMALLEST)
    assert found == []


def test_the_files_of_a_conflict_pass_axe(world: World, sign_in: People) -> None:
    page = sign_in("manager", path_of(in_conflict(world)))
    expect(page.locator(".conflict-files dd").nth(1)).to_contain_text("added", timeout=60_000)
    assert problems(page, "conflict files", WIDE, PHONE) == []
