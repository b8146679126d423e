"""Approve: bound to a fingerprint, by somebody who is no author, with the role, in time."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Role, User
from releases import policy
from releases.actions.approve import approve
from releases.actions.withdraw_approval import withdraw_approval
from releases.errors import NotAllowed, StaleRelease
from releases.models import AuditEvent, Decision, Release
from releases.states import ReleaseState
from tests.factories import FunctionFactory, IntakeFactory, ReleaseFactory, own, with_round
from tests.world import HERE

pytestmark = pytest.mark.django_db


def waiting(approvals: int = 1) -> Release:
    function = FunctionFactory.create(**own(approvals))
    state = ReleaseState.AWAITING_APPROVAL
    return with_round(ReleaseFactory.create(function=function, state=state))


def click(release: Release, by: User) -> Decision:
    fingerprint = release.rounds.get().fingerprint
    return approve(release, by=by, origin=HERE, fingerprint=fingerprint)


def test_the_last_approval_lets_the_release_through(manager: User) -> None:
    release = waiting()
    click(release, manager)
    assert release.state == ReleaseState.APPROVED


def test_one_of_two_is_not_enough(manager: User, second_manager: User) -> None:
    release = waiting(approvals=2)
    click(release, manager)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    click(release, second_manager)
    assert release.state == ReleaseState.APPROVED


def test_nobody_counts_twice(manager: User) -> None:
    release = waiting(approvals=2)
    click(release, manager)
    with pytest.raises(NotAllowed, match="already decided"):
        click(release, manager)


def test_a_stale_click_decides_nothing(manager: User) -> None:
    release = waiting()
    with pytest.raises(StaleRelease, match="changed after this page was loaded"):
        approve(release, by=manager, origin=HERE, fingerprint="0" * 64)
    assert not Decision.objects.exists()


def test_the_requester_cannot_approve(manager: User) -> None:
    release = waiting()
    Release.objects.filter(pk=release.pk).update(requested_by=manager)
    with pytest.raises(NotAllowed, match="requested this release"):
        click(release, manager)


def test_whoever_ever_uploaded_these_bytes_cannot_approve(manager: User) -> None:
    release = waiting()
    IntakeFactory.create(artifact=release.artifact, person=manager)
    with pytest.raises(NotAllowed, match="brought in these bytes"):
        click(release, manager)


@pytest.mark.parametrize("who", ["developer", "security", "auditor", "admin", "viewer"])
def test_only_release_managers_approve(who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(NotAllowed, match="Only release managers"):
        click(waiting(), request.getfixturevalue(who))


def test_a_refused_attempt_is_in_the_history(developer: User) -> None:
    release = waiting()
    with pytest.raises(NotAllowed):
        click(release, developer)
    event = AuditEvent.objects.get(action="release.refused")
    assert (event.actor_name, event.release_id) == ("developer", release.pk)


def test_who_loses_the_role_stops_counting(manager: User, second_manager: User) -> None:
    release = waiting(approvals=2)
    click(release, manager)
    User.objects.filter(pk=manager.pk).update(role=Role.VIEWER)
    click(release, second_manager)
    assert release.state == ReleaseState.AWAITING_APPROVAL


def test_who_is_deactivated_stops_counting(manager: User, second_manager: User) -> None:
    release = waiting(approvals=2)
    click(release, manager)
    User.objects.filter(pk=manager.pk).update(is_active=False)
    click(release, second_manager)
    assert release.state == ReleaseState.AWAITING_APPROVAL


def test_an_approval_expires(manager: User, second_manager: User) -> None:
    release = waiting(approvals=2)
    click(release, manager)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        click(release, second_manager)
        assert len(policy.counting_approvals(release.rounds.get())) == 1
    assert release.state == ReleaseState.AWAITING_APPROVAL


def test_an_expired_approval_is_renewed_by_the_same_person(manager: User) -> None:
    release = waiting()
    click(release, manager)
    Release.objects.filter(pk=release.pk).update(state=ReleaseState.AWAITING_APPROVAL)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        click(release, manager)
    assert release.state == ReleaseState.APPROVED
    first, second = Decision.objects.order_by("pk")
    assert first.withdrawn_at == second.decided_at and second.withdrawn_at is None


def test_whoever_uploaded_what_is_on_latest_cannot_approve_it(manager: User) -> None:
    release = ReleaseFactory.create(artifact=None, state=ReleaseState.AWAITING_APPROVAL)
    taken = IntakeFactory.create(person=manager)
    assert taken.artifact
    with_round(release, candidate={"code_sha256": taken.artifact.code_sha256, "configuration": {}})
    with pytest.raises(NotAllowed, match="brought in these bytes"):
        click(release, manager)


def test_a_withdrawn_approval_takes_the_release_back_to_the_gate(manager: User) -> None:
    release = waiting()
    click(release, manager)
    withdraw_approval(release, by=manager, origin=HERE)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    click(release, manager)
    assert release.state == ReleaseState.APPROVED


def test_an_approval_cannot_be_withdrawn_once_it_went_out(manager: User) -> None:
    release = waiting()
    click(release, manager)
    for state in (ReleaseState.STAGING, ReleaseState.PUBLISHING):
        Release.objects.filter(pk=release.pk).update(state=state)
    with pytest.raises(NotAllowed, match="until publishing begins"):
        withdraw_approval(release, by=manager, origin=HERE)


def test_one_withdrawn_while_it_is_staged_is_taken_back(manager: User) -> None:
    release = waiting()
    click(release, manager)
    Release.objects.filter(pk=release.pk).update(state=ReleaseState.STAGING)
    withdraw_approval(release, by=manager, origin=HERE)
    assert release.state == ReleaseState.STAGING
    round_ = release.current_round
    assert round_ is not None and not policy.enough_approvals(round_)
