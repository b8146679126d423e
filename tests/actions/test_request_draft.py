"""Drafts: kept without anything being done, requested by whoever wrote them."""

import pytest

from releases.actions.request_draft import request_draft
from releases.errors import NotAllowed
from releases.models import AuditEvent, Release
from releases.states import ReleaseState
from tests.beginnings import added
from tests.world import HERE, World, package


@pytest.fixture
def draft(world: World) -> Release:
    added(world)
    return world.request(package("two"), as_draft=True)


def test_nothing_is_done_with_a_draft(world: World, draft: Release) -> None:
    world.advance(draft)
    assert draft.state == ReleaseState.DRAFT
    assert AuditEvent.objects.get(release_id=draft.pk).action == "release.drafted"


def test_requested_it_goes_its_way(world: World, draft: Release) -> None:
    request_draft(draft, by=world.people["developer"], origin=HERE)
    assert world.advance(draft).state == ReleaseState.AWAITING_APPROVAL
    actions = AuditEvent.objects.filter(release_id=draft.pk).values_list("action", flat=True)
    assert "release.requested" in actions


def test_twice_is_refused(world: World, draft: Release) -> None:
    request_draft(draft, by=world.people["developer"], origin=HERE)
    with pytest.raises(NotAllowed, match="no draft any more"):
        request_draft(draft, by=world.people["developer"], origin=HERE)


def test_nobody_else_requests_it(world: World, draft: Release) -> None:
    with pytest.raises(NotAllowed, match="whose draft this is"):
        request_draft(draft, by=world.people["manager"], origin=HERE)
    assert AuditEvent.objects.filter(action="release.refused", release_id=draft.pk).exists()
