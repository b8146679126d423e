"""When functions are polled: in flight often, others rarely, all spread out and within bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from releases import queues
from releases.models import Function
from releases.pipeline.polls import ask_for_polls
from releases.states import ReleaseState
from tests.factories import EnvironmentFactory, FunctionFactory, ReleaseFactory

pytestmark = pytest.mark.django_db
TICK = 5


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr(queues, "enqueue_poll", found.append)
    return found


def run(ticks: int) -> None:
    now = timezone.now()
    for number in range(ticks):
        with time_machine.travel(now + timedelta(seconds=TICK * number), tick=False):
            ask_for_polls(TICK)


def test_in_flight_every_15_seconds_others_every_5_minutes(asked: list[int]) -> None:
    flying = ReleaseFactory.create(state=ReleaseState.AWAITING_APPROVAL).function
    queued = ReleaseFactory.create(state=ReleaseState.QUEUED).function
    run(ticks=120)
    assert asked.count(flying.pk) == 40
    assert asked.count(queued.pk) == 2


def test_the_others_are_spread_over_their_minutes(asked: list[int]) -> None:
    FunctionFactory.create_batch(120, environment=EnvironmentFactory.create())
    ask_for_polls(TICK)
    assert len(asked) == 3
    asked.clear()
    Function.objects.update(polled_at=None)
    run(ticks=60)
    assert len(asked) == len(set(asked)) == 120


def test_polls_leave_most_of_the_budget_to_releases(asked: list[int], settings: Any) -> None:
    settings.SLUICE_AWS_CALLS_PER_SECOND = 3
    for name in ("one", "two"):
        for _ in range(8):
            function = FunctionFactory.create(environment=EnvironmentFactory.create(name=name))
            ReleaseFactory.create(function=function, state=ReleaseState.AWAITING_APPROVAL)
    assert ask_for_polls(TICK) == 10
    ask_for_polls(TICK)
    assert len(set(asked)) == 16


def test_two_crons_ask_once(asked: list[int]) -> None:
    ReleaseFactory.create(state=ReleaseState.CONFLICT)
    assert (ask_for_polls(TICK), ask_for_polls(TICK)) == (1, 0)
    assert len(asked) == 1


def test_a_job_is_put_into_a_queue_of_its_own(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    pushed: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queues, "_enqueue", lambda *given, **more: pushed.append((*given, more)))
    function = FunctionFactory.create()
    assert ask_for_polls(TICK) == 1
    assert pushed == [
        (settings.QUEUE_POLL, "releases.jobs.poll_function", function.pk, {"ttl": 60})
    ]
