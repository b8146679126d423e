"""The number on every page is how many rows the pages behind it show, for everybody."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from releases.models import Release, RollbackState
from releases.states import ReleaseState
from releases.views.waiting import (
    policy_changes_for,
    rollbacks_for,
    waiting_for,
    with_approvals,
)
from releases.views.waiting_kept import approvals_of, count_waiting, ids_waiting_for
from tests.attempt_scene import Scene
from tests.factories import FunctionFactory, UserFactory, own
from tests.scopes import give
from tests.views.scenes import a_release, approved_by

pytestmark = pytest.mark.django_db


def rows(person: User) -> int:
    asked = (waiting_for, policy_changes_for, rollbacks_for)
    return sum(len(each(person)) for each in asked)


@pytest.fixture
def cast() -> dict[str, User]:
    """Everybody, with something of each kind that waits for some of them."""
    scene = Scene()
    scene.policy_change()
    scene.rollback(RollbackState.WAITING)
    people = scene.people | {"security": UserFactory.create(role=Role.SECURITY)}
    a_release(ReleaseState.AWAITING_APPROVAL)
    a_release(ReleaseState.AWAITING_APPROVAL, requested_by=people["manager"])
    strict = FunctionFactory.create(name="orders-refund", **own(2, 1, days=1))
    release = a_release(ReleaseState.AWAITING_APPROVAL, function=strict)
    approved_by(release, people["manager"])
    return people


def counted(people: dict[str, User], now: datetime) -> dict[str, int]:
    with time_machine.travel(now, tick=False):
        assert {name: count_waiting(each) for name, each in people.items()} == {
            name: rows(each) for name, each in people.items()
        }
        return {name: count_waiting(each) for name, each in people.items()}


def test_everybody_is_told_how_many_rows_wait_for_them(cast: dict[str, User]) -> None:
    told = counted(cast, timezone.now())
    assert (told["manager"], told["second-manager"], told["security"]) == (3, 4, 1)
    assert not any(told[name] for name in ("developer", "viewer", "admin"))


def test_everybody_is_shown_the_releases_that_wait_for_them_longest_wait_first(
    cast: dict[str, User],
) -> None:
    for person in cast.values():
        assert ids_waiting_for(person) == [each.pk for each in waiting_for(person)]


def test_approvals_are_counted_for_the_asked_releases_alone(cast: dict[str, User]) -> None:
    for days in (0, 2):
        with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
            counted: QuerySet[Any] = with_approvals(Release.objects.all()).order_by("-pk")
            (pk, *expected), *_ = counted.values_list("pk", "approvals", "approvals_needed")
            assert approvals_of([pk]) == {pk: tuple(expected)}
    assert approvals_of([]) == {}


def test_an_approval_that_lapsed_is_asked_for_again(cast: dict[str, User]) -> None:
    now = timezone.now()
    today, tomorrow = counted(cast, now), counted(cast, now + timedelta(days=2))
    assert tomorrow["manager"] == today["manager"] + 1


def test_grants_and_whoever_is_out_count_as_they_see(cast: dict[str, User]) -> None:
    some = give(UserFactory.create(role=Role.NONE), Role.RELEASE_MANAGER, pattern="orders-*")
    other = give(UserFactory.create(role=Role.NONE), Role.RELEASE_MANAGER, pattern="none-*")
    same = give(UserFactory.create(role=Role.NONE), Role.RELEASE_MANAGER, pattern="orders-*")
    strict = Release.objects.get(function__name="orders-refund")
    Release.objects.filter(pk=strict.pk).update(requested_by=same)
    out = UserFactory.create(role=Role.RELEASE_MANAGER, is_active=False)
    people = {"some": some, "other": other, "same": same, "out": out}
    assert counted(people, timezone.now()) == {"some": 1, "other": 0, "same": 0, "out": 0}


def test_it_is_one_statement_for_each_and_none_for_whom_nothing_can_wait(
    cast: dict[str, User],
) -> None:
    for name in ("manager", "second-manager", "security", "developer"):
        with CaptureQueriesContext(connection) as asked:
            count_waiting(cast[name])
        assert len(asked) == (0 if name == "developer" else 1)
