"""A time to go out that approvals may not live to see: in words, before anybody waits for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.models import Decision, Release
from releases.states import ReleaseState
from tests.factories import FunctionFactory, own
from tests.views.scenes import a_release, approved_by

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
EXPIRED_BY_THEN = "has expired by then, and is asked for again"
FIRST_EXPIRES = "The first approval expires"


@pytest.fixture
def page(client_for: ClientFor, developer: User) -> Callable[[Release], str]:
    browser = client_for(developer)
    return lambda release: browser.get(f"/releases/{release.pk}/").content.decode()


def in_days(days: int, state: ReleaseState = ReleaseState.AWAITING_APPROVAL) -> Release:
    when = timezone.now() + timedelta(days=days)
    return a_release(state, function=FunctionFactory.create(**own(2)), not_before=when)


@pytest.mark.parametrize("state", [ReleaseState.AWAITING_APPROVAL, ReleaseState.APPROVED])
def test_approvals_of_today_that_expire_before_its_time_are_said(
    page: Callable[[Release], str], state: ReleaseState
) -> None:
    text = page(in_days(10, state))
    assert "Approvals last 7 days: one given before" in text and EXPIRED_BY_THEN in text


def test_within_their_days_nothing_is_said(page: Callable[[Release], str], manager: User) -> None:
    release = in_days(6)
    approved_by(release, manager)
    text = page(release)
    assert EXPIRED_BY_THEN not in text and FIRST_EXPIRES not in text


def test_an_older_approval_that_expires_before_its_time_is_said(
    page: Callable[[Release], str], manager: User, second_manager: User
) -> None:
    release = in_days(6)
    approved_by(release, manager, second_manager)
    given = timezone.now() - timedelta(days=2)
    Decision.objects.filter(person=manager).update(decided_at=given)
    text = page(release)
    assert FIRST_EXPIRES in text and EXPIRED_BY_THEN not in text


def test_forms_say_how_long_approvals_last(client_for: ClientFor, developer: User) -> None:
    function, browser = FunctionFactory.create(**own(days=3)), client_for(developer)
    words = "Approvals last 3 days; what has expired when its time comes is asked for again."
    release = a_release(function=function, requested_by=developer)
    for address in (f"/releases/new/?function={function.pk}", f"/releases/{release.pk}/"):
        assert words in browser.get(address).content.decode()
