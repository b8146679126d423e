"""Out of a conflict: adopt what is there and review it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.models import Authorship, Release
from releases.states import ReleaseState
from tests.views.scenes import a_release, post, state_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def release() -> Release:
    return a_release(ReleaseState.CONFLICT, error_message="MemorySize changed")


def test_a_manager_adopts_and_becomes_an_author(
    client_for: ClientFor, release: Release, manager: User
) -> None:
    assert post(client_for(manager), release, "adopt").status_code == 302
    assert state_of(release) == ReleaseState.QUEUED
    assert Release.objects.get().artifact is None
    assert Authorship.objects.get(release=release).person == manager


def test_a_stranger_is_refused(
    client_for: ClientFor, release: Release, second_developer: User
) -> None:
    assert post(client_for(second_developer), release, "adopt").status_code == 403
    assert state_of(release) == ReleaseState.CONFLICT


def test_a_link_cannot_adopt(client_for: ClientFor, release: Release, manager: User) -> None:
    assert client_for(manager).get(f"/releases/{release.pk}/adopt/").status_code == 405
