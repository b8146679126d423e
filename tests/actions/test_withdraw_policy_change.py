"""Withdraw a looser policy: its proposer, as long as nobody has decided it."""

import pytest

from accounts.models import User
from releases.actions.withdraw_policy_change import withdraw_policy_change
from releases.errors import NotAllowed
from releases.models import AuditEvent, ChangeState, PolicyChange
from releases.rules import Rules
from tests.actions.policies import proposed
from tests.factories import FunctionFactory, UserFactory, own
from tests.world import HERE

pytestmark = pytest.mark.django_db


@pytest.fixture
def looser(manager: User, second_manager: User, admin: User) -> PolicyChange:
    return proposed(FunctionFactory.create(**own(2)), Rules(1), admin)


def withdraw(change: PolicyChange, by: User) -> None:
    withdraw_policy_change(change, by=by, origin=HERE)
    change.refresh_from_db()


def test_its_proposer_takes_it_back(looser: PolicyChange, admin: User) -> None:
    withdraw(looser, admin)
    assert looser.state == ChangeState.WITHDRAWN
    assert AuditEvent.objects.filter(action="policy.withdrawn").exists()


def test_another_administrator_does_not(looser: PolicyChange) -> None:
    with pytest.raises(NotAllowed, match="Only admin, who proposed this change"):
        withdraw(looser, UserFactory.create(role="administrator"))
    assert AuditEvent.objects.filter(action="policy.refused").exists()


def test_not_twice(looser: PolicyChange, admin: User) -> None:
    withdraw(looser, admin)
    with pytest.raises(NotAllowed, match="waits for nobody"):
        withdraw(looser, admin)
