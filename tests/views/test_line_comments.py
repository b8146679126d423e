"""Comments on lines: what is laid over a difference, and what stays in the list beside it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from releases.models import Comment, Comparison, LineSide, Release, Round
from tests.views.packages import compared, edited, stored, text_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
LINE = {"path": "app.py", "side": "new", "line": "12"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def release() -> Release:
    """app.py differs in its tenth line, gone.txt is removed, new.txt is added."""
    return edited()


@pytest.fixture
def browser(client_for: ClientFor, developer: User) -> Client:
    return client_for(developer)


def send(browser: Client, release: Release, text: str, query: str = "", **line: str) -> Any:
    address = f"/releases/{release.pk}/line-comments/{query}"
    return browser.post(address, LINE | line | {"text": text}, headers=HTMX)


def threads(browser: Client, release: Release, **query: str) -> str:
    answer = browser.get(f"/releases/{release.pk}/line-comments/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def said(release: Release, by: User, text: str, **more: Any) -> Comment:
    where: dict[str, Any] = {"path": "app.py", "side": LineSide.NEW, "line": 12, "round_number": 1}
    return Comment.objects.create(release=release, author=by, text=text, **where | more)


def test_a_comment_stands_at_its_line(browser: Client, release: Release) -> None:
    assert "Off by one" in send(browser, release, "Off by one").content.decode()
    kept = Comment.objects.get()
    assert (kept.path, kept.side, kept.line) == ("app.py", "new", 12)
    shown = threads(browser, release)
    assert 'data-at="n12"' in shown and 'data-number="0"' in shown and 'data-count="1"' in shown
    assert "Comments on line 12 of app.py" in shown


def test_the_text_is_markdown_and_harmless(browser: Client, release: Release) -> None:
    text = "**Bold** <script>alert(1)</script> [x](javascript:alert(1))"
    shown = send(browser, release, text).content.decode()
    assert "<strong>Bold</strong>" in shown
    assert "<script>" not in shown and 'href="javascript' not in shown


def test_each_line_and_side_has_a_thread_of_its_own(browser: Client, release: Release) -> None:
    for line in ({}, {"line": "13"}, {"side": "old"}, {"path": "gone.txt", "side": "old"}):
        send(browser, release, "Here", **line)
    assert threads(browser, release).count("data-thread=") == 4
    assert "Comments on old line 12 of app.py" in threads(browser, release)


def test_the_page_of_one_file_has_those_of_that_file(
    browser: Client, release: Release, developer: User
) -> None:
    said(release, developer, "About app")
    said(release, developer, "About new", path="new.txt", line=1)
    page = browser.get(f"/releases/{release.pk}/changes/?path=app.py").content.decode()
    assert "About app" in page and "About new" not in page
    answer = send(browser, release, "More", "?file=app.py").content.decode()
    assert "More" in answer and "About new" not in answer


def test_a_page_without_scripts_shows_them_too(
    browser: Client, release: Release, developer: User
) -> None:
    said(release, developer, "About app")
    page = browser.get(f"/releases/{release.pk}/changes/?path=app.py").content.decode()
    assert "About app" in page.split("<div data-plain>")[1]


def test_the_kept_difference_has_nothing_of_them(
    browser: Client, release: Release, developer: User
) -> None:
    address = f"/releases/{release.pk}/changes/file/?path=app.py"
    before = browser.get(address).content
    said(release, developer, "Secretly")
    assert browser.get(address).content == before


def test_a_page_that_shows_them_all_gets_nothing(
    browser: Client, release: Release, developer: User
) -> None:
    comment = said(release, developer, "Here")
    address = f"/releases/{release.pk}/line-comments/"
    token = f"1.done.{comment.pk}.0"
    assert f"said={token}" in threads(browser, release)
    assert browser.get(address, {"said": token}).status_code == 204
    browser.post(f"/releases/{release.pk}/comments/{comment.pk}/remove/")
    assert "removed by developer" in threads(browser, release, said=token)


def test_one_that_was_removed_does_not_count(
    browser: Client, release: Release, developer: User
) -> None:
    comment = said(release, developer, "Never mind")
    address = f"/releases/{release.pk}/comments/{comment.pk}/remove/?thread=1"
    gone = browser.post(address, headers=HTMX).content.decode()
    assert f'id="line-comment-{comment.pk}"' in gone and "removed by developer" in gone
    assert 'data-count="0"' in threads(browser, release)


def test_an_empty_one_is_refused_with_a_sentence(browser: Client, release: Release) -> None:
    answer = send(browser, release, " ")
    assert answer.status_code == 422 and answer.content.decode() == "Write something first."
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "line", [{"line": "0"}, {"line": "x"}, {"side": "middle"}, {"path": ""}, {"path": "a" * 1025}]
)
def test_there_is_no_such_line(browser: Client, release: Release, line: dict[str, str]) -> None:
    assert send(browser, release, "Here", **line).status_code == 404
    assert not Comment.objects.exists()


def test_a_viewer_reads_without_a_form(
    client_for: ClientFor, release: Release, viewer: User, developer: User
) -> None:
    said(release, developer, "Here")
    browser = client_for(viewer)
    shown = threads(browser, release)
    assert "Here" in shown and "<form" not in shown and "data-reply" not in shown
    assert send(browser, release, "Here").status_code == 403


def another_round(release: Release, **baseline: Any) -> None:
    """The release's second round, in which live may be another package."""
    other = Round.objects.get(release=release)
    other.parts["baseline"] |= baseline
    other.pk, other.number, other._state.adding = None, 2, True
    other.publish_token = uuid.uuid4()
    other.save()
    Release.objects.filter(pk=release.pk).update(round_number=2)


def test_a_new_round_of_the_same_packages_keeps_them_in_place(
    browser: Client, release: Release, developer: User
) -> None:
    said(release, developer, "Still here", side=LineSide.OLD)
    another_round(release)
    assert "Still here" in threads(browser, release)
    assert "on an earlier version" not in browser.get(f"/releases/{release.pk}/").content.decode()


def test_a_line_of_another_package_stays_in_the_list(
    browser: Client, release: Release, developer: User
) -> None:
    said(release, developer, "About what was live", side=LineSide.OLD)
    said(release, developer, "About the new one")
    live = stored({"app.py": text_of(["another"]), "same.txt": b"same\n"})
    another_round(release, code_sha256=live.code_sha256)
    shown = threads(browser, release)
    assert "About the new one" in shown and "About what was live" not in shown
    page = browser.get(f"/releases/{release.pk}/").content.decode()
    assert "About what was live" in page
    assert page.count("on an earlier version, old line 12 of app.py") == 1


def test_while_it_is_compared_again_nothing_is_called_earlier(
    browser: Client, release: Release, developer: User
) -> None:
    said(release, developer, "Still here")
    Round.objects.filter(release=release).update(comparison=Comparison.WAITING)
    assert "said=1.waiting." in threads(browser, release)
    page = browser.get(f"/releases/{release.pk}/").content.decode()
    assert "Still here" in page and "on an earlier version" not in page


def test_a_file_that_differs_no_more_stays_in_the_list(
    browser: Client, release: Release, developer: User
) -> None:
    said(release, developer, "About new", path="new.txt", line=1)
    live = stored({"app.py": b"x\n", "new.txt": b"y", "same.txt": b"same\n"})
    another_round(release, code_sha256=live.code_sha256)
    assert "About new" not in threads(browser, release)
    page = browser.get(f"/releases/{release.pk}/").content.decode()
    assert "on an earlier version, line 1 of new.txt" in page


@pytest.mark.parametrize("page", ["line-comments/", "changes/?path=app.py", ""])
def test_many_comments_cost_no_more_queries(
    browser: Client, release: Release, developer: User, page: str, django_assert_num_queries: Any
) -> None:
    said(release, developer, "First")
    browser.get(f"/releases/{release.pk}/{page}")
    with CaptureQueriesContext(connection) as first:
        browser.get(f"/releases/{release.pk}/{page}")
    for line in range(1, 30):
        said(release, developer, f"At {line}", line=line)
    with django_assert_num_queries(len(first)):
        browser.get(f"/releases/{release.pk}/{page}")


def test_two_thousand_files_are_a_small_page(browser: Client) -> None:
    old = stored({f"src/module{number:04}.py": b"x = 1\n" for number in range(2_000)})
    new = stored({f"src/module{number:04}.py": b"x = 2\n" for number in range(2_000)})
    release = compared(old, new)
    size = len(browser.get(f"/releases/{release.pk}/").content)
    assert size < 600_000, f"{size:,} bytes"
