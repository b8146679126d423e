"""Taking an approval back on the release page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.models import Decision, Release
from releases.states import Gate, ReleaseState
from tests.factories import FunctionFactory, own
from tests.views.scenes import a_release, approved_by, post, state_of

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
BUTTON = "Withdraw my approval"


@pytest.fixture
def release(manager: User) -> Release:
    found = a_release(function=FunctionFactory.create(**own(2)))
    approved_by(found, manager)
    return found


def test_who_approved_takes_it_back(client_for: ClientFor, release: Release, manager: User) -> None:
    response = post(client_for(manager), release, "withdraw-approval")
    assert response.status_code == 302
    assert Decision.objects.get().withdrawn_at is not None


def test_an_approved_release_waits_again(
    client_for: ClientFor, release: Release, manager: User, second_manager: User
) -> None:
    approved_by(release, second_manager)
    Release.objects.filter(pk=release.pk).update(state=ReleaseState.APPROVED)
    release.refresh_from_db()
    post(client_for(manager), release, "withdraw-approval")
    assert state_of(release) == ReleaseState.AWAITING_APPROVAL


def test_somebody_else_has_nothing_to_take_back(
    client_for: ClientFor, release: Release, second_manager: User
) -> None:
    response = post(client_for(second_manager), release, "withdraw-approval")
    assert response.status_code == 403
    assert Decision.objects.get().withdrawn_at is None


@pytest.mark.parametrize("gate", list(Gate))
def test_who_is_too_late_is_told_until_when(
    client_for: ClientFor, release: Release, manager: User, gate: Gate
) -> None:
    row = Release.objects.filter(pk=release.pk)
    row.update(state=ReleaseState.APPROVED, gate=gate)
    if gate == Gate.REVIEW_FIRST:
        row.update(state=ReleaseState.STAGING)
    row.update(state=ReleaseState.PUBLISHING)
    response = post(client_for(manager), release, "withdraw-approval")
    assert response.status_code == 409
    said = "An approval can be withdrawn until publishing begins."
    assert said in response.content.decode()


def test_only_who_approved_sees_the_button(
    client_for: ClientFor, release: Release, manager: User, second_manager: User
) -> None:
    address = f"/releases/{release.pk}/"
    assert BUTTON in client_for(manager).get(address).content.decode()
    assert BUTTON not in client_for(second_manager).get(address).content.decode()
