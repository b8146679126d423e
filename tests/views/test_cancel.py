"""Cancelling on the release page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.models import Release
from releases.states import ReleaseState
from tests.views.scenes import a_release, post, state_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


def test_the_requester_cancels_with_a_reason(client_for: ClientFor, developer: User) -> None:
    release = a_release(requested_by=developer)
    response = post(client_for(developer), release, "cancel", note="Superseded")
    assert response.status_code == 302
    assert state_of(release) == ReleaseState.WITHDRAWING
    assert Release.objects.get().ends_because == "Superseded"


def test_a_queued_release_ends_at_once(client_for: ClientFor, manager: User) -> None:
    release = a_release(ReleaseState.QUEUED)
    post(client_for(manager), release, "cancel")
    assert state_of(release) == ReleaseState.CANCELLED


def test_another_developer_is_refused(client_for: ClientFor, second_developer: User) -> None:
    release = a_release()
    assert post(client_for(second_developer), release, "cancel").status_code == 403
    assert state_of(release) == ReleaseState.AWAITING_APPROVAL


def test_it_is_too_late_while_publishing(client_for: ClientFor, manager: User) -> None:
    release = a_release(ReleaseState.PUBLISHING)
    response = post(client_for(manager), release, "cancel", seen="awaiting_approval")
    assert response.status_code == 409
    assert "cannot be cancelled while it is publishing" in response.content.decode()
    assert state_of(release) == ReleaseState.PUBLISHING


def test_the_page_asks_before_it_cancels(client_for: ClientFor, manager: User) -> None:
    text = client_for(manager).get(f"/releases/{a_release().pk}/").content.decode()
    assert 'data-dialog="cancel-dialog"' in text
    assert '<dialog class="sheet" id="cancel-dialog"' in text
