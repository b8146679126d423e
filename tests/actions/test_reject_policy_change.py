"""Reject a looser policy: with a reason, by the people of the present one."""

import pytest

from accounts.models import User
from releases.actions.reject_policy_change import reject_policy_change
from releases.errors import InvalidInput, NotAllowed
from releases.models import AuditEvent, ChangeState, Function, PolicyChange
from releases.rules import Rules
from tests.actions.policies import proposed
from tests.factories import FunctionFactory, own
from tests.world import HERE

pytestmark = pytest.mark.django_db


@pytest.fixture
def looser(manager: User, second_manager: User, security: User, admin: User) -> PolicyChange:
    return proposed(FunctionFactory.create(**own(2, 1)), Rules(1), admin)


def reject(change: PolicyChange, by: User, reason: str = "Too soon.") -> None:
    reject_policy_change(change, by=by, origin=HERE, reason=reason)
    change.refresh_from_db()


def test_one_no_ends_it(looser: PolicyChange, security: User) -> None:
    reject(looser, security)
    assert (looser.state, looser.closed_because) == (ChangeState.REJECTED, "Too soon.")
    assert Function.objects.get().rules == Rules(2, 1)
    assert "Too soon." in AuditEvent.objects.get(action="policy.rejected").sentence


def test_it_needs_a_reason(looser: PolicyChange, manager: User) -> None:
    with pytest.raises(InvalidInput, match="a rejection needs a reason"):
        reject(looser, manager, reason=" ")


@pytest.mark.parametrize("who", ["developer", "auditor", "admin", "viewer"])
def test_nobody_else_rejects(
    looser: PolicyChange, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed):
        reject(looser, request.getfixturevalue(who))
    assert AuditEvent.objects.filter(action="policy.refused").exists()


def test_another_may_be_proposed_then(looser: PolicyChange, manager: User, admin: User) -> None:
    reject(looser, manager)
    assert proposed(Function.objects.get(), Rules(2), admin).pk != looser.pk
