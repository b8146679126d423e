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
    adopted = Release.objects.get()
    assert (adopted.artifact, adopted.intake, adopted.warnings) == (None, None, [])
    assert adopted.description == "Adopts what was put on $LATEST outside Sluice"
    assert Authorship.objects.get(release=release).person == manager


def test_the_page_says_who_adopted_it_and_what_that_means(
    client_for: ClientFor, release: Release, manager: User
) -> None:
    post(client_for(manager), release, "adopt")
    page = client_for(manager).get(f"/releases/{release.pk}/").content.decode()
    assert f"{manager.name} adopted what was in AWS; that needs one approval more" in page


def test_a_stranger_is_refused(
    client_for: ClientFor, release: Release, second_developer: User
) -> None:
    assert post(client_for(second_developer), release, "adopt").status_code == 403
    assert state_of(release) == ReleaseState.CONFLICT


def test_a_link_cannot_adopt(client_for: ClientFor, release: Release, manager: User) -> None:
    assert client_for(manager).get(f"/releases/{release.pk}/adopt/").status_code == 405
