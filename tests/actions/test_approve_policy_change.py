"""Approve a looser policy: four eyes of the present one, then it is in force."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Role, User
from releases.actions.approve_policy_change import approve_policy_change
from releases.errors import InvalidInput, NotAllowed
from releases.models import AuditEvent, ChangeState, Function, PolicyChange, Release
from releases.rules import Rules
from tests.actions.policies import proposed, say_yes
from tests.factories import FunctionFactory, own
from tests.views.scenes import a_release, approved_by
from tests.world import HERE

pytestmark = pytest.mark.django_db


@pytest.fixture
def function(manager: User, second_manager: User, security: User) -> Function:
    return FunctionFactory.create(**own(2, 1))


@pytest.fixture
def looser(function: Function, admin: User) -> PolicyChange:
    return proposed(function, Rules(1), admin)


def test_all_of_the_present_policy_put_it_in_force(
    looser: PolicyChange, function: Function, manager: User, second_manager: User, security: User
) -> None:
    say_yes(looser, manager, security)
    function.refresh_from_db()
    assert (looser.state, function.rules) == (ChangeState.PENDING, Rules(2, 1))
    say_yes(looser, second_manager)
    function.refresh_from_db()
    assert (looser.state, function.rules) == (ChangeState.IN_FORCE, Rules(1))
    said = AuditEvent.objects.get(action="policy.loosened").sentence
    assert "that admin proposed is in force: 2 release managers and 1 security" in said
    assert AuditEvent.objects.filter(action="policy.approval_given").count() == 3


def test_approvals_of_the_stricter_policy_lapse_too(
    looser: PolicyChange, function: Function, manager: User, second_manager: User, security: User
) -> None:
    release = a_release(function=function)
    approved_by(release, manager)
    say_yes(looser, manager, second_manager, security)
    assert Release.objects.get().round_number == 2
    assert AuditEvent.objects.filter(action="release.approvals_lapsed").exists()


@pytest.mark.parametrize("who", ["developer", "auditor", "admin", "viewer"])
def test_only_its_groups_approve(
    looser: PolicyChange, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed):
        say_yes(looser, request.getfixturevalue(who))
    assert AuditEvent.objects.get(action="policy.refused").actor_name == who


def test_the_proposer_does_not_count_in_any_role(looser: PolicyChange, admin: User) -> None:
    for role in (Role.RELEASE_MANAGER, Role.SECURITY):
        admin.role = role
        admin.save()
        with pytest.raises(NotAllowed, match="You proposed this change"):
            say_yes(looser, admin)
    assert AuditEvent.objects.filter(action="policy.refused").count() == 2


def test_nobody_counts_twice(looser: PolicyChange, manager: User) -> None:
    say_yes(looser, manager)
    with pytest.raises(NotAllowed, match="already approved"):
        say_yes(looser, manager)


def test_a_second_role_counts_once(
    looser: PolicyChange, function: Function, manager: User, second_manager: User
) -> None:
    say_yes(looser, manager, second_manager)
    manager.role = Role.SECURITY
    manager.save()
    say_yes(looser, manager)
    function.refresh_from_db()
    assert function.rules == Rules(2, 1)


def test_who_lost_the_role_or_left_stops_counting(
    looser: PolicyChange, function: Function, manager: User, second_manager: User, security: User
) -> None:
    say_yes(looser, manager, second_manager)
    User.objects.filter(pk=manager.pk).update(is_active=False)
    say_yes(looser, security)
    function.refresh_from_db()
    assert function.rules == Rules(2, 1)


def test_approvals_of_it_expire(
    looser: PolicyChange, function: Function, manager: User, second_manager: User, security: User
) -> None:
    say_yes(looser, manager, second_manager)
    with time_machine.travel(timezone.now() + timedelta(days=8), tick=False):
        say_yes(looser, security)
        function.refresh_from_db()
        assert function.rules == Rules(2, 1)
        say_yes(looser, manager, second_manager)
    function.refresh_from_db()
    assert function.rules == Rules(1)


def test_a_closed_change_is_decided_no_more(looser: PolicyChange, manager: User) -> None:
    PolicyChange.objects.update(state=ChangeState.WITHDRAWN)
    with pytest.raises(NotAllowed, match="waits for nobody: it is withdrawn"):
        say_yes(looser, manager)


def test_what_nobody_can_satisfy_any_more_is_not_put_in_force(
    function: Function, admin: User, manager: User, second_manager: User, security: User
) -> None:
    change = proposed(function, Rules(1, 1), admin)
    say_yes(change, manager, security)
    change = PolicyChange.objects.get()
    PolicyChange.objects.update(after_security_required=2)
    with pytest.raises(InvalidInput, match="Nobody could satisfy"):
        approve_policy_change(change, by=second_manager, origin=HERE)
    function.refresh_from_db()
    assert function.rules == Rules(2, 1)


def test_an_inherited_one_is_given_up_only_with_its_people(
    function: Function, admin: User, manager: User, second_manager: User, security: User
) -> None:
    change = proposed(function, None, admin)
    say_yes(change, manager, second_manager, security)
    function.refresh_from_db()
    assert function.inherits
