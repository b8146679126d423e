"""The requester may retry, cancel and resolve: as long as they may request releases at all."""

from collections.abc import Callable

import pytest

from accounts.models import Role, User
from releases import policy
from releases.models import Release
from releases.states import ReleaseState
from tests.factories import ReleaseFactory

pytestmark = pytest.mark.django_db
MAY = [
    (policy.can_cancel, ReleaseState.FAILED),
    (policy.can_retry, ReleaseState.FAILED),
    (policy.can_resolve_conflict, ReleaseState.CONFLICT),
    (policy.can_stage_again, ReleaseState.CONFLICT),
]
Ask = Callable[[User, Release], policy.Decision]


@pytest.mark.parametrize(("ask", "state"), MAY)
def test_the_requester_may(ask: Ask, state: ReleaseState, developer: User) -> None:
    assert ask(developer, ReleaseFactory.create(state=state, requested_by=developer))


@pytest.mark.parametrize(("ask", "state"), MAY)
def test_another_developer_may_not(
    ask: Ask, state: ReleaseState, developer: User, second_developer: User
) -> None:
    release = ReleaseFactory.create(state=state, requested_by=developer)
    assert "release managers or its requester" in ask(second_developer, release).reason


@pytest.mark.parametrize(("ask", "state"), MAY)
def test_a_requester_who_lost_the_role_may_not(
    ask: Ask, state: ReleaseState, developer: User
) -> None:
    developer.role = Role.VIEWER
    release = ReleaseFactory.create(state=state, requested_by=developer)
    assert "Only developers and release managers" in ask(developer, release).reason


@pytest.mark.parametrize(("ask", "state"), MAY)
def test_a_deactivated_requester_may_not(ask: Ask, state: ReleaseState, developer: User) -> None:
    developer.is_active = False
    release = ReleaseFactory.create(state=state, requested_by=developer)
    assert "deactivated" in ask(developer, release).reason
