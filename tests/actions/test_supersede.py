"""Supersede: the newer takes the place of an older one that is not approved yet."""

import pytest

from accounts.models import User
from releases.actions.supersede import supersede
from releases.errors import NotAllowed, StaleRelease
from releases.models import AuditEvent, Function, Release
from releases.states import ReleaseState
from tests.factories import FunctionFactory, ReleaseFactory, with_round
from tests.world import HERE

pytestmark = pytest.mark.django_db


@pytest.fixture
def function() -> Function:
    return FunctionFactory.create()


def a_release(function: Function, state: ReleaseState = ReleaseState.QUEUED) -> Release:
    release: Release = ReleaseFactory.create(function=function, state=state)
    return release if state == ReleaseState.QUEUED else with_round(release)


def click(newer: Release, older: Release, by: User) -> None:
    supersede(newer, older, by=by, origin=HERE, seen=older.state)


def test_the_newer_takes_the_place_in_the_queue(function: Function, manager: User) -> None:
    first, second, third = (a_release(function) for _ in range(3))
    click(third, first, manager)
    assert first.state == ReleaseState.CANCELLED
    assert first.ends_because == f"superseded by {third.reference}"
    assert list(Release.objects.in_queue()) == [third, second]


def test_one_that_waits_for_approval_is_withdrawn(function: Function, manager: User) -> None:
    older = a_release(function, ReleaseState.AWAITING_APPROVAL)
    between, newer = a_release(function), a_release(function)
    click(newer, older, manager)
    assert older.state == ReleaseState.WITHDRAWING
    assert (older.ends_as, older.ends_because) == (
        "cancelled",
        f"superseded by {newer.reference}",
    )
    assert list(Release.objects.in_queue()) == [newer, between]


def test_a_place_is_handed_on(function: Function, manager: User) -> None:
    first, second, third, fourth = (a_release(function) for _ in range(4))
    click(third, first, manager)
    click(fourth, third, manager)
    assert list(Release.objects.in_queue()) == [fourth, second]


def test_the_history_tells_both_stories(function: Function, manager: User) -> None:
    older, newer = a_release(function), a_release(function)
    click(newer, older, manager)
    said = AuditEvent.objects.values_list("sentence", flat=True)
    name = function.name
    assert f"manager let {newer.reference} of {name} take the place of {older.reference}" in said
    ended = f"{older.reference} of {name} was cancelled: superseded by {newer.reference}"
    assert ended in said


@pytest.mark.parametrize(
    "state",
    [ReleaseState.APPROVED, ReleaseState.STAGING, ReleaseState.PUBLISHING, ReleaseState.CANCELLED],
)
def test_what_is_approved_or_at_work_keeps_its_place(
    function: Function, manager: User, state: ReleaseState
) -> None:
    older, newer = a_release(function, state), a_release(function)
    with pytest.raises(NotAllowed, match="cannot be superseded any more"):
        click(newer, older, manager)
    assert AuditEvent.objects.filter(action="release.refused").exists()


def test_whoever_may_cancel_the_older_one_may(
    function: Function, developer: User, second_developer: User
) -> None:
    older, newer = a_release(function), a_release(function)
    Release.objects.filter(pk=older.pk).update(requested_by=developer)
    with pytest.raises(NotAllowed, match="or its requester"):
        click(newer, older, second_developer)
    click(newer, older, developer)
    assert older.state == ReleaseState.CANCELLED


def test_an_older_one_takes_nobodys_place(function: Function, manager: User) -> None:
    older, newer = a_release(function), a_release(function)
    for wrong in (newer, a_release(FunctionFactory.create())):
        with pytest.raises(NotAllowed, match="Only an older release of the same function"):
            click(older, wrong, manager)


def test_one_that_moved_meanwhile_is_left_alone(function: Function, manager: User) -> None:
    older, newer = a_release(function, ReleaseState.AWAITING_APPROVAL), a_release(function)
    Release.objects.filter(pk=older.pk).update(state=ReleaseState.APPROVED)
    with pytest.raises(StaleRelease, match="it is approved now"):
        supersede(newer, older, by=manager, origin=HERE, seen="awaiting_approval")
    older.refresh_from_db()
    assert older.state == ReleaseState.APPROVED
