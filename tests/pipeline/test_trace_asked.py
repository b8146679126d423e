"""Cron has CloudTrail asked until it tells: a function that moved once is not polled for that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases import queues
from releases.actions.refresh_function import refresh_function
from releases.jobs import trace_function
from releases.models import Drift, Trace
from releases.models.traces import TraceEnd
from releases.pipeline.poll import poll
from releases.pipeline.trace import ask_for_traces
from sandbox.aws import Timing
from tests.factories import EnvironmentFactory, FunctionFactory
from tests.pipeline.test_trace import change, later
from tests.pipeline.ways import added
from tests.world import HERE, World

TICK = 5


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr(queues, "enqueue_trace", found.append)
    return found


def test_what_cloudtrail_tells_late_of_an_idle_function_is_heard(
    world: World, asked: list[int]
) -> None:
    added(world)
    world.aws.timing = Timing(in_progress=0, trail=900)
    change(world)
    poll(world.function.pk)
    assert ask_for_traces(TICK) == 0
    world.aws.timing = Timing(in_progress=0)
    later(minutes=2)
    assert ask_for_traces(TICK) == 1
    trace_function(*asked)
    assert Drift.objects.get().who == "alice"
    assert ask_for_traces(TICK) == 0


def test_what_a_person_sees_by_reading_again_is_looked_for_at_the_next_tick(
    world: World, asked: list[int]
) -> None:
    added(world)
    change(world)
    refresh_function(world.function, by=world.people["manager"], origin=HERE)
    assert ask_for_traces(TICK) == 1
    trace_function(*asked)
    assert Drift.objects.get().who == "alice"


@pytest.mark.django_db
def test_a_tick_asks_for_no_more_than_aws_takes_of_an_account(asked: list[int]) -> None:
    for name in ("one", "two"):
        here = EnvironmentFactory.create(name=name)
        for function in FunctionFactory.create_batch(6, environment=here):
            Trace.objects.create(function=function, since=timezone.now())
    waited = Trace.objects.last()
    assert waited is not None
    Trace.objects.exclude(pk=waited.pk).update(asked_at=timezone.now() - timedelta(hours=1))
    assert ask_for_traces(TICK) == len(asked) == 2 * 4
    assert waited.function_id in asked
    Trace.objects.update(end=TraceEnd.NOBODY)
    assert ask_for_traces(TICK) == 0


def test_a_function_that_was_removed_is_nobodys(db: Any) -> None:
    trace_function(0)
