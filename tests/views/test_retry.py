"""Retrying a failed release on its page."""

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


@pytest.fixture
def release(developer: User) -> Release:
    return a_release(
        ReleaseState.FAILED,
        requested_by=developer,
        error_name="CodeStorageExceededException",
        error_message="The code storage of the account is full.",
        error_advice="Delete old versions, then retry.",
    )


def test_the_requester_retries(client_for: ClientFor, release: Release, developer: User) -> None:
    assert post(client_for(developer), release, "retry").status_code == 302
    assert state_of(release) == ReleaseState.QUEUED


def test_the_page_says_what_failed_and_what_to_do(
    client_for: ClientFor, release: Release, viewer: User
) -> None:
    text = client_for(viewer).get(f"/releases/{release.pk}/").content.decode()
    assert release.error_name in text
    assert release.error_message in text
    assert release.error_advice in text
    assert "Nothing was published." in text


def test_who_may_not_retry_reads_why(client_for: ClientFor, release: Release, viewer: User) -> None:
    text = client_for(viewer).get(f"/releases/{release.pk}/").content.decode()
    assert 'Retry<span class="vh">, not possible: Only release managers or its requester' in text
    assert post(client_for(viewer), release, "retry").status_code == 403


def test_a_second_click_is_told_that_it_goes_already(
    client_for: ClientFor, release: Release, developer: User
) -> None:
    post(client_for(developer), release, "retry")
    assert post(client_for(developer), release, "retry").status_code == 409
