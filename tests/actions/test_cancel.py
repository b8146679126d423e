"""Cancel: the requester may, in every state in which nothing is being written to AWS."""

import pytest

from accounts.models import User
from releases import policy
from releases.actions.cancel import cancel
from releases.errors import NotAllowed
from releases.models import Release
from releases.states import FINAL, ReleaseState
from tests.factories import ReleaseFactory
from tests.world import HERE

pytestmark = pytest.mark.django_db
AT_WORK = {ReleaseState.STAGING, ReleaseState.PUBLISHING, ReleaseState.WITHDRAWING}


@pytest.mark.parametrize("state", list(ReleaseState))
def test_the_requester_cancels_wherever_it_can_be(developer: User, state: ReleaseState) -> None:
    release = ReleaseFactory.create(state=state, requested_by=developer, version_number=2)
    if state in AT_WORK | FINAL:
        with pytest.raises(NotAllowed, match="cannot be cancelled while it is"):
            cancel(release, by=developer, origin=HERE)
        return
    cancel(release, by=developer, origin=HERE, reason="Not today")
    started = state not in (ReleaseState.DRAFT, ReleaseState.QUEUED)
    ends = ReleaseState.WITHDRAWING if started else ReleaseState.CANCELLED
    assert Release.objects.get().state == ends


def test_another_developer_does_not(second_developer: User) -> None:
    release = ReleaseFactory.create(state=ReleaseState.QUEUED)
    assert not policy.can_cancel(second_developer, release)
