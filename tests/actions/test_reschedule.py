"""Reschedule: "not before" a time, by whom, until when, and without anybody becoming an author."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from releases import policy
from releases.actions.create_release import create_release
from releases.actions.reschedule import reschedule
from releases.errors import InvalidInput, NotAllowed, StaleRelease
from releases.models import AuditEvent, Release
from releases.states import Gate, ReleaseState
from tests.factories import FunctionFactory, ReleaseFactory, with_round
from tests.world import HERE

pytestmark = pytest.mark.django_db


def ahead(days: float = 1) -> datetime:
    return timezone.now().replace(microsecond=0) + timedelta(days=days)


@pytest.fixture
def release(developer: User) -> Release:
    return with_round(
        ReleaseFactory.create(state=ReleaseState.AWAITING_APPROVAL, requested_by=developer)
    )


def move(release: Release, by: User, to: datetime | None, seen: datetime | None = None) -> None:
    reschedule(release, by=by, origin=HERE, seen=seen, not_before=to)


def test_a_release_is_requested_for_later(developer: User) -> None:
    when = ahead()
    made = create_release(
        function=FunctionFactory.create(), intake=None, by=developer, origin=HERE, not_before=when
    )
    assert Release.objects.get(pk=made.pk).not_before == when
    event = AuditEvent.objects.get(action="release.scheduled")
    assert event.sentence.endswith(f"publishes not before {when:%Y-%m-%d %H:%M} UTC")


@pytest.mark.parametrize(("days", "says"), [(-0.01, "past"), (90.1, "At most 90 days")])
def test_what_is_past_or_far_ahead_is_refused(
    release: Release, developer: User, days: float, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says):
        move(release, developer, ahead(days))
    with pytest.raises(InvalidInput, match=says):
        create_release(
            function=release.function, intake=None, by=developer, origin=HERE,
            not_before=ahead(days),
        )  # fmt: skip
    assert Release.objects.count() == 1


def test_its_requester_and_release_managers_change_it(
    release: Release, developer: User, manager: User, second_developer: User
) -> None:
    first, second = ahead(), ahead(2)
    move(release, developer, first)
    move(release, manager, second, seen=first)
    with pytest.raises(NotAllowed, match="or its requester reschedule it"):
        move(release, second_developer, None, seen=second)
    assert release.not_before == second
    move(release, manager, None, seen=second)
    said = AuditEvent.objects.filter(action="release.scheduled").first()
    assert said and said.sentence == (
        f"manager scheduled {release.reference} of {release.function.name}:"
        " as soon as it is approved"
    )


def test_nobody_becomes_an_author_and_the_round_stays(release: Release, manager: User) -> None:
    before = release.rounds.get().fingerprint
    move(release, manager, ahead())
    assert policy.can_approve(manager, release)
    assert release.rounds.get().fingerprint == before


def test_a_page_that_showed_another_time_changes_nothing(
    release: Release, developer: User, manager: User
) -> None:
    first = ahead()
    move(release, developer, first)
    with pytest.raises(StaleRelease, match="was rescheduled meanwhile"):
        move(release, manager, ahead(3), seen=None)
    release.refresh_from_db()
    assert release.not_before == first


@pytest.mark.parametrize("gate", list(Gate))
@pytest.mark.parametrize("state", list(ReleaseState))
def test_it_ends_when_publishing_starts(manager: User, state: ReleaseState, gate: Gate) -> None:
    begun = {"publishing", "withdrawing", "released", "rejected", "cancelled"}
    begun |= {"staging"} if gate == Gate.REVIEW_FIRST else set()
    function = FunctionFactory.create(gate=gate)
    release = ReleaseFactory.create(function=function, state=state, version_number=2)
    assert policy.can_reschedule(manager, release).allowed is (state not in begun)
