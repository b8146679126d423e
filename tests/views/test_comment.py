"""The comments card of the release page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.models import Comment, Release
from tests.views.scenes import a_release

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
QUERIES_OF_A_PART = 30


@pytest.fixture
def release() -> Release:
    return a_release()


def said(release: Release, author: User, text: str = "Looks right", **fields: Any) -> Comment:
    return Comment.objects.create(
        release=release, author=author, text=text, round_number=1, **fields
    )


def send(browser: Client, release: Release, text: str, **more: Any) -> Any:
    return browser.post(f"/releases/{release.pk}/comment/", {"text": text}, **more)


def page(browser: Client, release: Release) -> str:
    return browser.get(f"/releases/{release.pk}/").content.decode()


def test_a_comment_leads_back_to_itself(
    client_for: ClientFor, release: Release, developer: User
) -> None:
    browser = client_for(developer)
    answer = send(browser, release, "**Why**?")
    kept = Comment.objects.get()
    assert answer.headers["Location"] == f"/releases/{release.pk}/#comment-{kept.pk}"
    text = page(browser, release)
    assert f'id="comment-{kept.pk}"' in text and "<strong>Why</strong>" in text


def test_with_htmx_only_the_card_comes_back(
    client_for: ClientFor, release: Release, developer: User
) -> None:
    text = send(client_for(developer), release, "Fine", headers=HTMX).content.decode()
    assert "<html" not in text and 'id="part-comment-list" hx-swap-oob="true"' in text
    assert "data-comment-box></textarea>" in text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_too_long_is_kept_in_the_form(
    client_for: ClientFor, release: Release, developer: User, headers: dict[str, str]
) -> None:
    answer = send(client_for(developer), release, "x" * 10_001, headers=headers)
    assert answer.status_code == 422
    assert "at most 10,000 characters" in answer.content.decode()
    assert "x" * 10_001 + "</textarea>" in answer.content.decode()


@pytest.mark.parametrize("who", ["viewer", "auditor"])
def test_readers_see_why_they_have_no_form(
    client_for: ClientFor, release: Release, who: str, request: pytest.FixtureRequest
) -> None:
    browser = client_for(request.getfixturevalue(who))
    text = page(browser, release)
    assert "You read along as" in text and 'id="comment-form"' not in text
    assert send(browser, release, "Fine").status_code == 403


def test_a_comment_of_markup_is_text(
    client_for: ClientFor, release: Release, manager: User
) -> None:
    said(release, manager, "<script>alert(1)</script>")
    assert "<script>alert" not in page(client_for(manager), release)


def test_only_the_author_is_offered_to_remove(
    client_for: ClientFor, release: Release, manager: User, developer: User
) -> None:
    address = f"/releases/{release.pk}/comments/{said(release, developer).pk}/remove/"
    assert address in page(client_for(developer), release)
    assert address not in page(client_for(manager), release)
    assert client_for(manager).post(address).status_code == 403


def test_a_removed_comment_says_by_whom(
    client_for: ClientFor, release: Release, developer: User
) -> None:
    browser, mine = client_for(developer), said(release, developer, "Never mind")
    address = f"/releases/{release.pk}/comments/{mine.pk}/remove/"
    assert "removed by developer" in browser.post(address, headers=HTMX).content.decode()
    text = page(browser, release)
    assert "removed by developer" in text and "Never mind" not in text
    assert browser.post(address).status_code == 409


def test_a_comment_belongs_to_its_release(
    client_for: ClientFor, release: Release, developer: User
) -> None:
    address = f"/releases/{a_release().pk}/comments/{said(release, developer).pk}/remove/"
    assert client_for(developer).post(address).status_code == 404


def test_a_line_comment_names_its_line(
    client_for: ClientFor, release: Release, developer: User
) -> None:
    said(release, developer, path="src/a.py", side="new", line=7)
    assert "line 7 of src/a.py" in page(client_for(developer), release)


def test_a_link_cannot_comment(client_for: ClientFor, release: Release, developer: User) -> None:
    assert client_for(developer).get(f"/releases/{release.pk}/comment/").status_code == 405


def test_many_comments_cost_no_more_queries(
    client_for: ClientFor, release: Release, manager: User, developer: User,
    django_assert_num_queries: Any,
) -> None:  # fmt: skip
    browser, address = client_for(manager), f"/releases/{release.pk}/_comments/"
    said(release, developer)
    with django_assert_num_queries(QUERIES_OF_A_PART):
        browser.get(address)
    for number in range(40):
        said(release, manager if number % 2 else developer, f"Number {number}")
    with django_assert_num_queries(QUERIES_OF_A_PART):
        assert b"Number 39" in browser.get(address).content


def test_of_very_many_the_newest_are_shown(
    client_for: ClientFor, release: Release, developer: User
) -> None:
    for number in range(205):
        said(release, developer, f"Number {number}!")
    text = page(client_for(developer), release)
    assert "5 earlier comments not shown" in text
    assert "Number 204!" in text and "Number 4!" not in text
