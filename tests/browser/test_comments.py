"""Talking about a release in two browsers: live, by keyboard, without losing half a sentence."""

from playwright.sync_api import expect

from releases.actions.comment import comment
from releases.models import Comment, Release
from tests.browser.pages import SMALLEST, USUAL, problems, sideways
from tests.browser.people import People
from tests.browser.scenes import at_the_gate, is_live, path_of
from tests.world import HERE, World


def says(world: World, release: Release, who: str, text: str) -> Comment:
    return comment(release, by=world.people[who], origin=HERE, text=text)


def test_a_comment_appears_in_the_other_browser_and_is_announced(
    world: World, sign_in: People
) -> None:
    release = at_the_gate(world)
    reader = sign_in("viewer", path_of(release))
    is_live(reader)
    page = sign_in("developer", path_of(release))
    page.locator("#comment-text").fill("Why **429**?")
    page.locator("#act-comment").click()
    for each in (page, reader):
        expect(each.locator(".comment .prose strong")).to_have_text("429", timeout=60_000)
    expect(reader.locator("#spoken")).to_have_text("developer commented: Why 429?")
    expect(page.locator("#comment-text")).to_have_value("")
    page.locator("#comment-text").fill("One more")
    page.locator("#act-comment").click()
    expect(reader.locator(".comment")).to_have_count(2, timeout=60_000)


def test_half_a_comment_survives_the_comment_of_somebody_else(
    world: World, sign_in: People
) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    is_live(page)
    box = page.locator("#comment-text")
    box.fill("Half a sen")
    box.press("End")
    says(world, release, "developer", "Meanwhile")
    expect(page.locator(".comment")).to_contain_text("Meanwhile", timeout=60_000)
    expect(box).to_be_focused()
    page.keyboard.type("tence")
    expect(box).to_have_value("Half a sentence")


def test_by_keyboard_alone(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    page = sign_in("manager", path_of(release))
    page.keyboard.press("c")
    box = page.locator("#comment-text")
    expect(box).to_be_focused()
    page.keyboard.type("c a r")
    expect(box).to_have_value("c a r")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comment")).to_contain_text("c a r")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("Comment")


def test_a_refused_comment_can_be_mended(world: World, sign_in: People) -> None:
    sign_in.expect_error("422", "[object Event]")
    release = at_the_gate(world)
    page = sign_in("developer", path_of(release))
    page.locator("#act-comment").click()
    expect(page.locator("#comment-error")).to_contain_text("Write something first")
    page.locator("#comment-text").fill("Now with words")
    page.locator("#act-comment").click()
    expect(page.locator(".comment")).to_contain_text("Now with words")


def test_a_removed_comment_is_gone_everywhere(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    says(world, release, "developer", "Never mind")
    reader = sign_in("viewer", path_of(release))
    is_live(reader)
    page = sign_in("developer", path_of(release))
    page.get_by_role("button", name="Remove your comment").click()
    for each in (page, reader):
        expect(each.locator(".comment")).to_contain_text("removed by developer", timeout=60_000)
        expect(each.locator(".comment")).not_to_contain_text("Never mind")


def test_the_card_is_accessible(world: World, sign_in: People) -> None:
    release = at_the_gate(world)
    says(world, release, "developer", "> said\n\n**Why** `429`? <https://example.com>\n\n- one")
    gone = says(world, release, "manager", "Never mind")
    Comment.objects.filter(pk=gone.pk).update(text="", removed_at=gone.written_at)
    page = sign_in("developer", path_of(release))
    found = problems(page, "comments", USUAL)
    assert found + sideways(page, "comments", SMALLEST) == []
