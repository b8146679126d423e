"""Two people changed a function within CloudTrail's delay: each is named for their own change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from releases.actions.trace import look_for_author
from releases.aws.gateway import Gateway
from releases.aws.types import Changes, TrailEvent
from releases.models import Drift, Trace
from releases.models.traces import TraceEnd
from releases.pipeline.poll import poll
from tests.pipeline.test_trace import change, said, theirs
from tests.pipeline.ways import added
from tests.world import World

BEGAN = timezone.now().replace(microsecond=0)


class Trail:
    """CloudTrail as a test has it tell."""

    def __init__(self) -> None:
        self.told: list[TrailEvent] = []

    def tells(self, who: str, second: int) -> None:
        at, arn = BEGAN + timedelta(seconds=second), f"arn:aws:iam::123456789012:user/{who}"
        self.told.insert(0, TrailEvent(at, "UpdateFunctionConfiguration", who, arn, who))


@pytest.fixture
def trail(monkeypatch: pytest.MonkeyPatch) -> Trail:
    found = Trail()

    def told(*_: Any) -> Changes:
        return Changes(tuple(found.told))

    monkeypatch.setattr(Gateway, "changes_of", told)
    return found


def look(world: World, second: int) -> Drift | None:
    with time_machine.travel(BEGAN + timedelta(seconds=second), tick=False):
        poll(world.function.pk)
    return Drift.objects.filter(function=world.function).first()


def two_changes(world: World) -> None:
    """Alice's in the first ten seconds, bob's in the next."""
    added(world)
    look(world, 0)
    change(world, "alice")
    look(world, 10)
    theirs(world, "bob").update_function_configuration(FunctionName=world.name, Timeout=9)
    look(world, 20)


def test_nobody_is_named_while_only_the_first_is_told_of(world: World, trail: Trail) -> None:
    two_changes(world)
    trail.tells("alice", 5)
    drift = look(world, 100)
    assert drift is not None and drift.who == ""
    assert (said("function.traced"), Trace.objects.get().end) == ([], "")


def test_then_the_last_is_named_and_the_history_names_both(world: World, trail: Trail) -> None:
    two_changes(world)
    trail.tells("alice", 5)
    look(world, 100)
    trail.tells("bob", 15)
    drift = look(world, 200)
    assert drift is not None and drift.who == "bob"
    [sentence] = said("function.traced")
    assert "bob called" in sentence and "alice called" in sentence


def test_after_twenty_minutes_the_history_has_who_was_found(world: World, trail: Trail) -> None:
    two_changes(world)
    trail.tells("alice", 5)
    drift = look(world, 1300)
    assert drift is not None and drift.who == ""
    assert "alice called" in said("function.traced")[0]


def test_who_was_told_of_before_is_not_named_for_the_next(world: World, trail: Trail) -> None:
    added(world)
    look(world, 0)
    change(world, "alice")
    trail.tells("alice", 5)
    drift = look(world, 10)
    assert drift is not None and drift.who == "alice"
    theirs(world, "bob").update_function_configuration(FunctionName=world.name, Timeout=9)
    drift = look(world, 20)
    assert drift is not None and drift.who == ""
    assert Trace.objects.filter(end=TraceEnd.FOUND).count() == 1


def test_the_conflict_that_it_makes_knows_no_less_than_the_drift(world: World) -> None:
    """A step says the same change twice, the second time by the look before it began."""
    function = added(world)
    for look_before in (0, 200, 100):
        look_for_author(function, None, BEGAN + timedelta(seconds=look_before))
    assert Trace.objects.get().moved_after == BEGAN + timedelta(seconds=200)
