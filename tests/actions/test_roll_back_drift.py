"""A rollback over a change from outside: of the alias nothing is left of it, of the rest all is."""

from __future__ import annotations

import pytest

from releases.actions.ignore_drift import ignore_drift
from releases.errors import StaleDrift
from releases.models import Drift, DriftState
from releases.pipeline.poll import poll
from tests.actions.drifts import change_code, found, look, said
from tests.kept import kept
from tests.rollbacks import back, released_twice
from tests.world import HERE, World, package


@kept
def drifted(world: World, *, alias: bool) -> Drift:
    """Code from outside on `$LATEST`, and perhaps the alias back at version 1."""
    released_twice(world)
    look(world)
    change_code(world)
    if alias:
        world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="1")
    return found(world)


def test_what_moved_besides_the_alias_stays_open(world: World) -> None:
    before = drifted(world, alias=True)
    assert before.kinds == ["code", "alias"]
    back(world, to=2)
    now = found(world)
    assert (now.pk, now.state, now.kinds) == (before.pk, DriftState.OPEN, ["code"])
    assert now.what == before.what[:1]
    assert (now.before_version, now.after_version) == (2, 2)


@pytest.mark.parametrize("alias", [True, False], ids=["alias too", "code alone"])
def test_who_saw_another_version_live_looks_again(world: World, alias: bool) -> None:
    seen = drifted(world, alias=alias)
    back(world, to=2 if alias else 1)
    manager = world.people["manager"]
    with pytest.raises(StaleDrift):
        ignore_drift(seen, by=manager, origin=HERE, seen=seen.revision, reason="Known")


def test_the_alias_of_a_rollback_is_not_called_drift_later(world: World) -> None:
    drifted(world, alias=False)
    back(world, to=1)
    poll(world.function.pk)
    world.client.update_function_code(FunctionName=world.name, ZipFile=package("two"))
    assert found(world).state == DriftState.GONE
    assert len(said("function.drifted")) == 1
