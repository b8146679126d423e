"""Shift finds out what it has done already, whatever came in between."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from releases.actions.hold import hold
from releases.pipeline import settle, shift
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.pipeline.ways import approved
from tests.world import HERE, World


class Died(BaseException):
    """The worker, at the worst moment."""


def held(world: World) -> None:
    hold(world.function, reason="Stop", by=world.people["manager"], origin=HERE)


def held_in_the_first_pause(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        if not pauses:
            held(world)
        pauses.append(seconds)

    monkeypatch.setattr(settle, "time", SimpleNamespace(sleep=sleep))


@pytest.mark.parametrize("operation", ["UpdateAlias", "CreateAlias"])
def test_an_alias_moved_unheard_is_live_under_a_later_hold(
    world: World, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if operation == "CreateAlias":
        world.aws.reset()
        world.seed(aliases={})
    release = approved(world, creates_alias=True)
    world.aws.faults.add(Fault(operation, "drop", after=True))
    held_in_the_first_pause(world, monkeypatch)
    assert world.advance(release).state == ReleaseState.RELEASED
    assert world.live() == "2"
    assert world.function.holds.exists()


def test_an_answer_that_was_not_kept_is_live_under_a_later_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = approved(world)

    def die(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as patched, pytest.raises(Died):
        patched.setattr(shift, "_released", die)
        world.advance(release)
    assert world.live() == "2"
    held(world)
    assert world.advance(release).state == ReleaseState.RELEASED


def test_what_was_not_done_is_not_done_under_a_later_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = approved(world)
    world.aws.faults.add(Fault("UpdateAlias", "drop"))
    held_in_the_first_pause(world, monkeypatch)
    assert world.advance(release).state == ReleaseState.CONFLICT
    assert world.live() == "1"
