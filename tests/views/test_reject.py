"""Rejecting on the release page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.models import Decision, Release
from releases.states import ReleaseState
from tests.views.scenes import a_release, post, state_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def release() -> Release:
    return a_release()


def test_a_release_manager_rejects_with_a_reason(
    client_for: ClientFor, release: Release, manager: User
) -> None:
    response = post(client_for(manager), release, "reject", note="No upper bound.")
    assert response.status_code == 302
    assert state_of(release) == ReleaseState.WITHDRAWING
    assert Decision.objects.get().reason == "No upper bound."


def test_security_rejects_too(client_for: ClientFor, release: Release, security: User) -> None:
    post(client_for(security), release, "reject", note="Reads a secret.")
    assert state_of(release) == ReleaseState.WITHDRAWING


@pytest.mark.parametrize("note", ["", "   "])
def test_a_rejection_needs_its_reason(
    client_for: ClientFor, release: Release, manager: User, note: str
) -> None:
    response = post(client_for(manager), release, "reject", note=note)
    assert response.status_code == 422
    assert "a rejection needs a note" in response.content.decode()
    assert state_of(release) == ReleaseState.AWAITING_APPROVAL


def test_a_stale_page_gets_409_and_keeps_the_reason(
    client_for: ClientFor, release: Release, manager: User
) -> None:
    sent = {"fingerprint": "0" * 64, "note": "Long reason"}
    response = post(client_for(manager), release, "reject", **sent)
    assert response.status_code == 409
    assert "Long reason</textarea>" in response.content.decode()
    assert state_of(release) == ReleaseState.AWAITING_APPROVAL


def test_a_developer_is_refused(
    client_for: ClientFor, release: Release, second_developer: User
) -> None:
    response = post(client_for(second_developer), release, "reject", note="No")
    assert response.status_code == 403
    assert not Decision.objects.exists()


def test_a_link_cannot_reject(client_for: ClientFor, release: Release, manager: User) -> None:
    assert client_for(manager).get(f"/releases/{release.pk}/reject/").status_code == 405
