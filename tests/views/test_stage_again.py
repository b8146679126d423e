"""Out of a conflict: stage mine again on top."""

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


def test_a_manager_stages_again_and_becomes_an_author(
    client_for: ClientFor, release: Release, manager: User
) -> None:
    assert post(client_for(manager), release, "stage-again").status_code == 302
    assert state_of(release) == ReleaseState.QUEUED
    assert Authorship.objects.get(release=release).person == manager


def test_a_stranger_is_refused(
    client_for: ClientFor, release: Release, second_developer: User
) -> None:
    assert post(client_for(second_developer), release, "stage-again").status_code == 403
    assert state_of(release) == ReleaseState.CONFLICT


def test_who_chooses_second_is_told(
    client_for: ClientFor, release: Release, manager: User, second_manager: User
) -> None:
    post(client_for(manager), release, "stage-again")
    response = post(client_for(second_manager), release, "stage-again")
    assert response.status_code == 409
    assert "is not in conflict" in response.content.decode()
    assert Authorship.objects.count() == 1


def test_without_a_package_there_is_nothing_to_stage(client_for: ClientFor, manager: User) -> None:
    release = a_release(ReleaseState.CONFLICT, artifact=None)
    text = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    assert "has no package of its own, so there is nothing to stage" in text
