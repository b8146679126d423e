"""Comments on a line of a file: the thread that the difference shows below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.template import engines
from django.test import Client, RequestFactory

from accounts.models import User
from releases.models import Comment, Release
from releases.views.comment_threads import line_comments_of
from tests.views.scenes import a_release

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
LINE = {"path": "src/ä b.py", "side": "new", "line": "12"}


@pytest.fixture
def release() -> Release:
    return a_release()


def send(browser: Client, release: Release, text: str, **line: str) -> Any:
    return browser.post(f"/releases/{release.pk}/line-comments/", LINE | line | {"text": text})


def test_a_comment_stands_at_its_line(
    client_for: ClientFor, release: Release, developer: User
) -> None:
    browser = client_for(developer)
    assert "Off by one" in send(browser, release, "Off by one").content.decode()
    kept = Comment.objects.get()
    assert (kept.path, kept.side, kept.line) == ("src/ä b.py", "new", 12)
    shown = browser.get(f"/releases/{release.pk}/line-comments/", LINE).content.decode()
    assert "Off by one" in shown and "Comment on src/ä b.py, new line 12" in shown


def test_other_lines_have_threads_of_their_own(
    client_for: ClientFor, release: Release, developer: User
) -> None:
    browser = client_for(developer)
    send(browser, release, "Here")
    for other in ({"line": "13"}, {"side": "old"}, {"path": "src/b.py"}):
        shown = browser.get(f"/releases/{release.pk}/line-comments/", LINE | other)
        assert "Here" not in shown.content.decode()


def test_an_empty_one_keeps_the_thread(
    client_for: ClientFor, release: Release, developer: User
) -> None:
    answer = send(client_for(developer), release, " ")
    assert answer.status_code == 422 and "Write something first" in answer.content.decode()


@pytest.mark.parametrize(
    "line", [{"line": "0"}, {"line": "x"}, {"side": "middle"}, {"path": ""}, {"path": "a" * 1025}]
)
def test_there_is_no_such_line(
    client_for: ClientFor, release: Release, developer: User, line: dict[str, str]
) -> None:
    assert send(client_for(developer), release, "Here", **line).status_code == 404
    assert not Comment.objects.exists()


def test_a_viewer_reads_without_a_form(
    client_for: ClientFor, release: Release, viewer: User
) -> None:
    browser = client_for(viewer)
    shown = browser.get(f"/releases/{release.pk}/line-comments/", LINE).content.decode()
    assert "You read along as" in shown and "<form" not in shown
    assert send(browser, release, "Here").status_code == 403


def test_all_lines_of_a_release_are_one_query(
    release: Release, developer: User, django_assert_num_queries: Any
) -> None:
    about = {"release": release, "author": developer, "round_number": 1}
    for line in (1, 1, 2):
        Comment.objects.create(text=f"At {line}", path="a.py", side="old", line=line, **about)
    Comment.objects.create(text="On the whole", **about)
    with django_assert_num_queries(1):
        found = line_comments_of(release)
        said = {key: [(c.text, c.author.name) for c in row] for key, row in found.items()}
    assert said == {
        ("a.py", "old", 1): [("At 1", "developer")] * 2,
        ("a.py", "old", 2): [("At 2", "developer")],
    }


def test_a_page_puts_a_thread_where_it_likes(
    release: Release, developer: User, rf: RequestFactory
) -> None:
    """As the difference page includes it, one tag and one partial a line."""
    text = (
        '{% load comments %}{% line_thread threads "a.py" "new" 3 as thread %}'
        '{% include "releases/_line_comments.html" %}'
    )
    request = rf.get("/")
    request.user = developer
    context = {"release": release, "threads": line_comments_of(release)}
    html = engines["django"].from_string(text).render(context, request)
    assert "Comment on a.py, new line 3" in html
