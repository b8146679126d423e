"""Talking about lines of a difference in real browsers: by pointer, by keys, live and by link."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from releases.actions.comment import comment
from releases.models import Comment, Release
from tests.browser.differences import compared_at_the_gate
from tests.browser.pages import PHONE, WIDE, problems
from tests.browser.people import People
from tests.browser.scenes import is_live, path_of
from tests.browser.test_changes import focused_row, loaded, section
from tests.world import HERE, World

PAGES = {"release": "", "file": "changes/?path=index.py&"}
VIEWS = ("unified", "split")
# A second on a quiet machine; the bound only tells that it never came.
HEARD = 60_000


@pytest.fixture
def release(world: World) -> Release:
    return compared_at_the_gate(world)


def says(
    world: World, release: Release, text: str, line: int = 20, who: str = "developer", **at: Any
) -> Comment:
    where = {"path": "index.py", "side": "new"} | at
    return comment(release, by=world.people[who], origin=HERE, text=text, line=line, **where)


def address(release: Release, page: str = "release", view: str = "unified") -> str:
    more = PAGES[page] or "?"
    return f"{path_of(release)}{more}view={view}&whitespace=show"


def row_of(page: Page, at: str, file: str = "index.py") -> Locator:
    return page.locator(f"table.diff[data-path='{file}'] tr:has(.ln a[href$='#{at}'])")


def room(page: Page, at: str, file: str = "index.py") -> Locator:
    return page.locator(f"table.diff[data-path='{file}'] tr.thread-row[data-at={at}]")


def go(page: Page, name: str) -> None:
    if name == "release":
        loaded(page)


def test_the_pointer_offers_a_comment_on_either_side(sign_in: People, release: Release) -> None:
    page = sign_in("developer")
    for name, view in product(PAGES, VIEWS):
        page.goto(address(release, name, view))
        go(page, name)
        comments_on_both_sides(page)
        assert list(Comment.objects.values_list("path", "side", "line")) == [
            ("index.py", "new", 20), ("index.py", "old", 20)
        ]  # fmt: skip
        Comment.objects.all().delete()


def comments_on_both_sides(page: Page) -> None:
    for at, words in (("n20", "Comment on line 20"), ("o20", "Comment on old line 20")):
        number = row_of(page, at).locator(f".ln a[href$='#{at}']")
        number.hover()
        page.get_by_role("button", name=words, exact=True).click()
        box = page.get_by_role("textbox", name=words, exact=True)
        expect(box).to_be_focused()
        box.fill(f"About **{at}**")
        room(page, at).get_by_role("button", name="Comment", exact=True).click()
        expect(room(page, at).locator(".prose strong")).to_have_text(at)
        expect(box).to_have_count(0)


def test_what_was_said_before_stands_there_once(
    world: World, sign_in: People, release: Release
) -> None:
    said = says(world, release, "Said before")
    page = sign_in("developer")
    for name in PAGES:
        page.goto(address(release, name))
        go(page, name)
        expect(room(page, "n20").locator(f"#line-comment-{said.pk}")).to_be_visible()
        expect(page.locator(f"[id=line-comment-{said.pk}]")).to_have_count(1)


def test_by_keyboard_alone(sign_in: People, release: Release) -> None:
    page = sign_in("developer", address(release))
    is_live(page)
    loaded(page)
    page.keyboard.press("n")
    page.keyboard.press("ArrowDown")
    assert "'twenty'" in focused_row(page)
    expect(page.get_by_role("button", name="Comment on line 20", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Comment on line 20", exact=True)).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("c a r ?")
    box = page.get_by_role("textbox", name="Comment on line 20")
    expect(box).to_have_value("c a r ?")
    page.keyboard.press("Control+Enter")
    expect(room(page, "n20").locator(".prose")).to_have_text("c a r ?")
    assert "'twenty'" in focused_row(page)
    page.keyboard.press("c")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    assert "'twenty'" in focused_row(page)


def test_c_on_the_page_of_a_file_needs_a_line(sign_in: People, release: Release) -> None:
    page = sign_in("developer", address(release, "file"))
    page.keyboard.press("c")
    expect(page.locator("#spoken")).to_contain_text("Go to a line first")
    page.keyboard.press("n")
    page.keyboard.press("c")
    expect(page.get_by_role("textbox", name="Comment on old line 20")).to_be_focused()


def test_the_arrow_goes_from_the_file_to_its_lines(sign_in: People, release: Release) -> None:
    page = sign_in("developer", address(release, "file"))
    page.locator(".scroll-x").focus()
    page.keyboard.press("ArrowDown")
    assert "value_20 = 20" in focused_row(page)
    expect(page.get_by_role("button", name="Comment on old line 20")).to_be_visible()


@pytest.mark.parametrize("name", PAGES)
def test_it_appears_live_and_disturbs_nobody(
    world: World, sign_in: People, release: Release, name: str
) -> None:
    page = sign_in("manager", address(release, name))
    go(page, name)
    is_live(page)
    row_of(page, "n50").hover()
    page.get_by_role("button", name="Comment on line 50").click()
    page.keyboard.type("Half a sen")
    top = "document.activeElement.getBoundingClientRect().top"
    before = page.evaluate(top)
    says(world, release, "Meanwhile, above")
    expect(room(page, "n20")).to_contain_text("Meanwhile, above", timeout=HEARD)
    assert abs(page.evaluate(top) - before) < 2
    says(world, release, "And here", line=50)
    expect(room(page, "n50")).to_contain_text("And here", timeout=HEARD)
    expect(page.locator("#spoken")).to_contain_text("developer commented: And here")
    page.keyboard.type("tence")
    box = page.get_by_role("textbox", name="Comment on line 50")
    expect(box).to_have_value("Half a sentence")
    expect(box).to_be_focused()


def test_the_counts_stand_beside_the_names(world: World, sign_in: People, release: Release) -> None:
    says(world, release, "One")
    says(world, release, "Two", line=21)
    says(world, release, "Three", line=1, path="lib/gone.py", side="old")
    page = sign_in("viewer", address(release))
    for name, count in (("index.py", "2 comments on lines"), ("lib/gone.py", "1 comment on lines")):
        expect(page.locator(f"{section(page, name)} summary .said-count")).to_have_text(count)
    expect(page.locator(".change-tree .said-count")).to_have_text(
        ["1 comment on lines", "2 comments on lines"]
    )
    says(world, release, "Four", line=22)
    expect(page.locator(f"{section(page, 'index.py')} .said-count b")).to_have_text(
        "3", timeout=60_000
    )
    page.locator(section(page, "lib/gone.py")).locator("summary").click()
    expect(room(page, "o1", "lib/gone.py")).to_contain_text("Three")


def test_a_folded_line_is_unfolded_for_what_was_said(
    world: World, sign_in: People, release: Release
) -> None:
    says(world, release, "In the fold", line=5)
    says(world, release, "In the old one", line=35, side="old")
    page = sign_in("viewer")
    for name, view in product(PAGES, VIEWS):
        page.goto(address(release, name, view))
        go(page, name)
        expect(room(page, "n5")).to_contain_text("In the fold")
        expect(room(page, "o35")).to_contain_text("In the old one")
        expect(page.get_by_role("button", name="Reply")).to_have_count(0)


def test_a_link_leads_to_one_comment(world: World, sign_in: People, release: Release) -> None:
    found = says(world, release, "Here it is", line=5)
    page = sign_in("manager", path_of(release))
    page.locator(f"#comment-{found.pk}").get_by_role("link", name="line 5 of index.py").click()
    page.wait_for_url(f"**/changes/?path=index.py#line-comment-{found.pk}")
    shown = page.locator(f"#line-comment-{found.pk}")
    expect(shown).to_be_in_viewport()
    expect(shown).to_have_attribute("data-here", "")


def test_ones_own_comment_is_removed_everywhere(
    world: World, sign_in: People, release: Release
) -> None:
    says(world, release, "Never mind")
    says(world, release, "Stays", who="manager")
    reader = sign_in("viewer", address(release, "file"))
    is_live(reader)
    page = sign_in("developer", address(release))
    loaded(page)
    remove = room(page, "n20").get_by_role("button", name="Remove your comment")
    expect(remove).to_have_count(1)
    remove.click()
    for each in (page, reader):
        expect(room(each, "n20")).to_contain_text("removed by developer", timeout=60_000)
        expect(room(each, "n20")).not_to_contain_text("Never mind")
        expect(room(each, "n20")).to_contain_text("Stays")


def test_a_refused_one_can_be_mended(sign_in: People, release: Release) -> None:
    sign_in.expect_error("422", "[object Event]")
    page = sign_in("developer", address(release, "file"))
    row_of(page, "n20").hover()
    page.get_by_role("button", name="Comment on line 20").click()
    send = room(page, "n20").get_by_role("button", name="Comment", exact=True)
    send.click()
    expect(room(page, "n20").get_by_role("alert")).to_have_text("Write something first.")
    page.get_by_role("textbox", name="Comment on line 20").fill("Now with words")
    send.click()
    expect(room(page, "n20").locator(".prose")).to_have_text("Now with words")


def test_a_reader_is_offered_nothing(sign_in: People, release: Release) -> None:
    page = sign_in("viewer", address(release, "file"))
    row_of(page, "n20").hover()
    row_of(page, "n20").locator(".ln a").focus()
    expect(page.locator("[data-line-comment]")).to_have_count(0)


def test_without_scripts_they_are_read_below(
    world: World, sign_in: People, release: Release
) -> None:
    says(world, release, "Read me")
    page = sign_in("viewer", address(release, "file"), java_script_enabled=False)
    expect(page.get_by_text("Read me")).to_be_visible()


def test_threads_and_forms_pass_axe(world: World, sign_in: People, release: Release) -> None:
    says(world, release, "Why `'twenty'`, and **not** 20?\n\n- one\n- two")
    says(world, release, "Because the caller sends words.", who="manager")
    page = sign_in("developer")
    found = []
    for name, view in product(PAGES, VIEWS):
        page.goto(address(release, name, view))
        go(page, name)
        room(page, "n20").get_by_role("button", name="Reply").click()
        row_of(page, "n21").locator(".ln a").last.focus()
        for size in (WIDE, PHONE):
            found += problems(page, f"line comments {name} {view}", size)
            expect(page.locator("[data-line-comment][data-at=n21]")).to_be_visible()
    assert found == []
