"""Every way to approve one's own work ends at a 403, and in the history."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Role, User
from releases.models import AuditEvent, Decision, Function, PolicyChange
from releases.rules import Rules
from releases.states import ReleaseState
from tests.actions.own_work import WAYS, Own
from tests.actions.policies import proposed
from tests.factories import FunctionFactory, IntakeFactory, own
from tests.views.scenes import a_release, post, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(manager: User, client_for: Callable[[User], Client]) -> Own:
    release = a_release(function=FunctionFactory.create(**own(2, 1)))
    return Own(manager, client_for(manager), release)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_ones_own_work_is_never_approved(mine: Own, way: Callable[[Own], HttpResponse]) -> None:
    assert way(mine).status_code == 403
    event = AuditEvent.objects.get(action="release.refused")
    assert (event.actor_id, event.release_id) == (mine.person.pk, mine.release.pk)
    assert event.data["verb"] == "approve"
    assert not Decision.objects.exists()
    assert state_of(mine.release) == ReleaseState.AWAITING_APPROVAL


def test_an_approval_given_before_one_became_an_author_counts_no_more(
    mine: Own, second_manager: User, security: User, client_for: Callable[[User], Client]
) -> None:
    assert mine.approve().status_code == 302
    IntakeFactory.create(artifact=mine.release.artifact, person=mine.person)
    for person in (second_manager, security):
        post(client_for(person), mine.release, "approve")
    assert Decision.objects.count() == 3
    assert state_of(mine.release) == ReleaseState.AWAITING_APPROVAL


def test_an_approval_taken_back_is_not_given_again_by_who_became_an_author(mine: Own) -> None:
    assert mine.approve().status_code == 302
    IntakeFactory.create(artifact=mine.release.artifact, person=mine.person)
    assert post(mine.browser, mine.release, "withdraw-approval").status_code == 302
    assert mine.approve().status_code == 403
    assert AuditEvent.objects.filter(action="release.refused").count() == 1


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.VIEWER, Role.AUDITOR, Role.DEVELOPER])
def test_a_role_that_approves_nothing_is_refused_and_recorded(mine: Own, role: Role) -> None:
    mine.become(role)
    assert mine.approve().status_code == 403
    assert AuditEvent.objects.get(action="release.refused").actor_id == mine.person.pk


def test_one_person_does_not_fill_two_rules(
    mine: Own, second_manager: User, client_for: Callable[[User], Client]
) -> None:
    """Approved as a manager, moved to security, approved again: that is one approval."""
    assert mine.approve().status_code == 302
    mine.become(Role.SECURITY)
    assert mine.approve().status_code == 302
    post(client_for(second_manager), mine.release, "approve")
    assert Decision.objects.filter(withdrawn_at=None).count() == 2
    assert state_of(mine.release) == ReleaseState.AWAITING_APPROVAL


def looser(admin: User) -> PolicyChange:
    function = FunctionFactory.create(**own(2))
    return proposed(function, Rules(1), admin)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.RELEASE_MANAGER, Role.SECURITY])
def test_the_gate_is_not_opened_by_ones_own_policy(
    admin: User,
    manager: User,
    second_manager: User,
    client_for: Callable[[User], Client],
    role: Role,
) -> None:
    change = looser(admin)
    browser = client_for(admin)
    User.objects.filter(pk=admin.pk).update(role=role)
    assert browser.post(f"/policy-changes/{change.pk}/approve/").status_code == 403
    assert AuditEvent.objects.get(action="policy.refused").actor_id == admin.pk
    assert Function.objects.get().rules == Rules(2)


def test_a_manager_does_not_lower_the_gate_before_their_own_release(
    mine: Own, client_for: Callable[[User], Client]
) -> None:
    mine.requested()
    lower = {"source": "own", "managers": "1", "security": "0", "days": "7", "reason": "Hurry"}
    address = f"/functions/{mine.release.function_id}/policy/"
    assert mine.browser.post(address, lower).status_code == 403
    assert AuditEvent.objects.get(action="policy.refused").actor_id == mine.person.pk
    assert Function.objects.get().rules == Rules(2, 1)
