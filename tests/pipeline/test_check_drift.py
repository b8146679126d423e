"""What moved in AWS before a check looked is in the history, as if a poll had seen it first."""

from __future__ import annotations

from typing import Any

import pytest

from releases.actions.cancel import cancel
from releases.models import AuditEvent
from releases.states import Gate, ReleaseState
from tests.pipeline.polling import CHANGES, GATES, change_memory, look, said
from tests.pipeline.ways import added
from tests.world import HERE, World, package


@pytest.mark.parametrize(("change", "names"), CHANGES[:4])
def test_drift_that_a_check_sees_first_is_said_once(world: World, change: Any, names: str) -> None:
    added(world, two_versions=True)
    change(world)
    release = world.advance(world.request(package("two")))
    assert release.state == ReleaseState.AWAITING_APPROVAL
    look(world, release)
    [sentence] = said("function.drifted")
    moved = {"the alias live moved from version 1 to version 2": "moved from v1 to v2"}
    assert moved.get(names, names) in sentence and "planted" not in sentence
    assert AuditEvent.objects.get(action="function.drifted").release_id == release.pk


@GATES
def test_what_releases_did_before_is_no_drift(world: World, gate: Gate) -> None:
    """One after another, with no poll between them."""
    added(world, gate=gate)
    for text in ("two", "three"):
        release = world.advance(world.request(package(text)))
        world.approve(release)
        assert world.advance(release).state == ReleaseState.RELEASED
    given_up = world.advance(world.request(package("four")))
    cancel(given_up, by=world.people["developer"], origin=HERE)
    world.advance(given_up)
    last = world.advance(world.request(package("five")))
    assert last.state == ReleaseState.AWAITING_APPROVAL
    assert said("function.drifted") == []


def test_a_check_made_again_says_nothing_twice(world: World) -> None:
    added(world)
    change_memory(world)
    for text in ("two", "three"):
        release = world.advance(world.request(package(text)))
        cancel(release, by=world.people["developer"], origin=HERE)
        assert world.advance(release).state == ReleaseState.CANCELLED
    assert len(said("function.drifted")) == 1
