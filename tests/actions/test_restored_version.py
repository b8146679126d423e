"""What a function without an alias is put back to before anything went out through Sluice."""

from __future__ import annotations

import pytest

from releases.drift_policy import restored_version
from releases.errors import NotAllowed
from tests.actions.drifts import change_code, change_memory, found, look, seeded
from tests.actions.test_restore_drift import restore
from tests.world import World, package


def test_a_version_published_with_the_change_is_not_what_was_released(world: World) -> None:
    """Nothing went out through Sluice yet, and the console published what was changed there."""
    seeded(world, alias="")
    change_code(world)
    world.client.publish_version(FunctionName=world.name)
    drift = found(world)
    assert [each.number for each in drift.function.versions.all()] == [2, 1]
    version = restored_version(drift)
    assert version is not None and version.number == 1


def test_without_any_version_from_before_there_is_nothing_to_restore(world: World) -> None:
    world.alias = ""
    world.seed(versions=[], code=package("one"))
    world.add()
    look(world)
    change_code(world)
    world.client.publish_version(FunctionName=world.name)
    with pytest.raises(NotAllowed, match="No version of checkout is published"):
        restore(world, found(world))


def test_a_setting_published_with_its_change_is_put_back(world: World) -> None:
    seeded(world, alias="")
    change_memory(world)
    world.client.publish_version(FunctionName=world.name)
    assert restore(world, found(world)) is None
    assert world.latest()["MemorySize"] == 128
