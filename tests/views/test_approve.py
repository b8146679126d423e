"""Approving on the release page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from releases.models import AuditEvent, Decision, Release
from releases.states import ReleaseState
from tests.factories import FunctionFactory, own
from tests.views.scenes import a_release, approved_by, fingerprint_of, post, state_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def release() -> Release:
    return a_release(function=FunctionFactory.create(**own(2)))


@pytest.fixture
def browser(client_for: ClientFor, manager: User) -> Client:
    return client_for(manager)


def test_a_release_manager_approves_what_the_page_showed(
    browser: Client, release: Release, manager: User
) -> None:
    response = post(browser, release, "approve", note="Ran it in staging.")
    assert response.status_code == 302
    assert response["Location"] == f"/releases/{release.pk}/"
    decision = Decision.objects.get()
    assert (decision.person, decision.fingerprint) == (manager, fingerprint_of(release))
    assert decision.reason == "Ran it in staging."


def test_the_next_page_says_so(browser: Client, release: Release) -> None:
    post(browser, release, "approve")
    text = browser.get(f"/releases/{release.pk}/").content.decode()
    assert f"You approved {release.reference}." in text
    assert "1 of 2" in text


def test_the_last_approval_opens_the_gate(
    browser: Client, release: Release, second_manager: User
) -> None:
    approved_by(release, second_manager)
    post(browser, release, "approve")
    assert state_of(release) == ReleaseState.APPROVED


def test_a_click_sent_by_htmx_is_sent_on_by_htmx(browser: Client, release: Release) -> None:
    sent = {"fingerprint": fingerprint_of(release)}
    address = f"/releases/{release.pk}/approve/"
    response = browser.post(address, sent, headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == f"/releases/{release.pk}/"


def test_a_link_cannot_approve(browser: Client, release: Release) -> None:
    assert browser.get(f"/releases/{release.pk}/approve/").status_code == 405
    assert not Decision.objects.exists()


def test_a_stale_page_gets_409_and_keeps_the_note(browser: Client, release: Release) -> None:
    response = post(browser, release, "approve", fingerprint="0" * 64, note="Looks <good>")
    text = response.content.decode()
    assert response.status_code == 409
    assert "changed after this page was loaded" in text
    assert "Looks &lt;good&gt;</textarea>" in text
    assert not Decision.objects.exists()


def test_a_click_on_a_button_of_yesterday_is_told_what_happened(
    browser: Client, release: Release
) -> None:
    Release.objects.filter(pk=release.pk).update(state=ReleaseState.APPROVED)
    response = post(browser, release, "approve", seen="awaiting_approval")
    assert response.status_code == 409
    assert f"{release.reference} is not waiting for approval" in response.content.decode()


def test_the_second_click_changes_nothing(browser: Client, release: Release) -> None:
    post(browser, release, "approve")
    assert post(browser, release, "approve").status_code == 403
    assert Decision.objects.count() == 1


def test_the_requester_is_refused_and_the_attempt_is_recorded(
    client_for: ClientFor, manager: User
) -> None:
    own = a_release(requested_by=manager)
    response = post(client_for(manager), own, "approve")
    assert response.status_code == 403
    assert "your approval does not count" in response.content.decode()
    assert AuditEvent.objects.filter(action="release.refused", release_id=own.pk).exists()


def test_a_developer_is_refused(
    client_for: ClientFor, release: Release, second_developer: User
) -> None:
    response = post(client_for(second_developer), release, "approve")
    assert response.status_code == 403
    assert "Only release managers approve releases" in response.content.decode()


def test_a_stranger_has_to_sign_in(client: Client, release: Release) -> None:
    response = post(client, release, "approve")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
    assert not Decision.objects.exists()


def test_there_is_no_such_release(browser: Client) -> None:
    assert browser.post("/releases/9042/approve/", {}).status_code == 404


def conflicts_meanwhile(release: Release) -> Callable[..., Any]:
    """A worker finds the conflict after the view asked, when the action's transaction begins."""
    found: list[int] = []

    def query(execute: Any, sql: str, *more: Any) -> Any:
        if sql.startswith("SAVEPOINT") and not found:
            found.append(release.pk)
            Release.objects.filter(pk=release.pk).update(state=ReleaseState.CONFLICT)
        return execute(sql, *more)

    return query


def test_who_is_late_by_a_moment_is_told_and_not_turned_away(
    browser: Client, release: Release
) -> None:
    with connection.execute_wrapper(conflicts_meanwhile(release)):
        response = post(browser, release, "approve")
    assert response.status_code == 409
    assert "is not waiting for approval: it is conflict" in response.content.decode()
    assert not Decision.objects.exists()


def test_who_may_not_at_all_is_turned_away_whenever_it_moves(
    client_for: ClientFor, release: Release, auditor: User
) -> None:
    with connection.execute_wrapper(conflicts_meanwhile(release)):
        assert post(client_for(auditor), release, "approve").status_code == 403
