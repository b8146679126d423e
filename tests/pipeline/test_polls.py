"""What a tick asks for: in flight often, all the rest in rounds, within bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from releases import queues
from releases.models import Environment, Function, Release
from releases.models.functions import GONE
from releases.pipeline import polls
from releases.pipeline.polls import ask_for_polls
from releases.states import ReleaseState
from tests.factories import (
    ArtifactFactory,
    EnvironmentFactory,
    FunctionFactory,
    ReleaseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
TICK = 5


class Asked:
    """What was put into the queue, and nothing done about it."""

    def __init__(self) -> None:
        self.polls: list[int] = []
        self.listings: list[int] = []
        self.aliases: list[int] = []


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    found = Asked()
    monkeypatch.setattr(queues, "enqueue_poll", found.polls.append)
    monkeypatch.setattr(queues, "enqueue_listing", found.listings.append)
    monkeypatch.setattr(queues, "enqueue_aliases", found.aliases.extend)
    return found


def functions(count: int, **more: Any) -> list[Function]:
    """Whose versions were listed a moment ago."""
    more.setdefault("environment", EnvironmentFactory.create())
    built = FunctionFactory.build_batch(count, versions_read_at=timezone.now(), **more)
    return Function.objects.bulk_create(built)


def flying(count: int = 1, environment: Environment | None = None) -> list[Function]:
    made = functions(count, environment=environment or EnvironmentFactory.create())
    same = {"artifact": ArtifactFactory.create(), "requested_by": UserFactory.create()}
    state = ReleaseState.AWAITING_APPROVAL
    Release.objects.bulk_create(
        ReleaseFactory.build(function=each, state=state, **same) for each in made
    )
    return made


def run(ticks: int, *, tick: int = TICK) -> None:
    now = timezone.now()
    for number in range(ticks):
        with time_machine.travel(now + timedelta(seconds=tick * number), tick=False):
            ask_for_polls(tick)


def test_in_flight_every_15_seconds(asked: Asked) -> None:
    [function] = flying()
    run(ticks=24)
    assert asked.polls.count(function.pk) == 8
    assert asked.aliases == []


def test_all_others_once_in_five_minutes_and_by_one_listing(asked: Asked) -> None:
    functions(3)
    run(ticks=40, tick=15)
    assert asked.polls == []
    assert (len(asked.listings), len(asked.aliases)) == (2, 6)


def test_a_round_is_spread_over_its_minutes(asked: Asked) -> None:
    functions(40)
    ask_for_polls(15)
    assert len(asked.aliases) == 3
    asked.aliases.clear()
    Function.objects.update(polled_at=None)
    run(ticks=20, tick=15)
    assert len(asked.aliases) == len(set(asked.aliases)) == 40


def test_what_moved_is_polled_until_somebody_has_seen_it(asked: Asked) -> None:
    functions(1, moved_at=timezone.now())
    run(ticks=7)
    assert len(asked.polls) == 3
    assert asked.aliases == []


def test_versions_are_due_once_a_day_one_function_a_tick(asked: Asked) -> None:
    FunctionFactory.create_batch(3, environment=EnvironmentFactory.create(), versions_read_at=None)
    run(ticks=2)
    assert len(set(asked.polls)) == 2


def test_a_function_that_is_gone_is_only_looked_for_in_the_listing(asked: Asked) -> None:
    functions(1, poll_problem=GONE)
    run(ticks=3)
    assert (len(asked.listings), asked.polls, asked.aliases) == (1, [], [])


def test_an_environment_that_cannot_be_listed_is_not_asked_for_aliases(asked: Asked) -> None:
    functions(1, environment=EnvironmentFactory.create(list_problem="AccessDenied"))
    run(ticks=3)
    assert (len(asked.listings), asked.aliases) == (1, [])


def test_an_environment_without_functions_is_not_asked_for_any(asked: Asked) -> None:
    EnvironmentFactory.create()
    run(ticks=3)
    assert asked.listings == []


@pytest.mark.parametrize("moved", [None, timezone.now()], ids=["in flight", "moved"])
def test_rounds_leave_most_of_the_budget_to_releases(
    asked: Asked, settings: Any, moved: Any
) -> None:
    settings.SLUICE_AWS_CALLS_PER_SECOND = 3
    for name in ("one", "two"):
        environment = EnvironmentFactory.create(name=name, listed_count=100)
        functions(8, environment=environment)
        flying(8, environment)
    Function.objects.update(moved_at=moved)
    began = timezone.now()
    # Two minutes: everything is asked for once, and what is in flight many times.
    for number in range(24):
        with time_machine.travel(began + timedelta(seconds=TICK * number), tick=False):
            assert ask_for_polls(TICK) <= 2 * (5 + 1)
    assert len(set(asked.polls)) == (32 if moved else 16)


def test_many_in_flight_do_not_keep_the_others_from_being_looked_at(
    asked: Asked, settings: Any
) -> None:
    settings.SLUICE_AWS_CALLS_PER_SECOND = 1
    environment = EnvironmentFactory.create()
    FunctionFactory.create(environment=environment, versions_read_at=None)
    functions(9, environment=environment)
    watched = {each.pk for each in flying(16, environment)}
    run(ticks=21, tick=15)
    assert len(asked.listings) == 2
    assert len(set(asked.aliases) | (set(asked.polls) - watched)) == 10
    assert watched <= set(asked.polls)


def test_a_thousand_are_looked_at_in_a_round_whatever_is_in_flight(
    asked: Asked, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SLUICE_AWS_CALLS_PER_SECOND = 15
    monkeypatch.setattr(polls, "ROUND", timedelta(seconds=15))
    environment = EnvironmentFactory.create(listed_count=50)
    functions(50, environment=environment)
    flying(76, environment)
    run(ticks=3)
    assert len(set(asked.aliases)) == 50


def test_two_crons_ask_once(asked: Asked) -> None:
    flying()
    functions(1)
    ask_for_polls(TICK)
    assert ask_for_polls(TICK) == 0
    assert (len(asked.polls), len(asked.listings), len(asked.aliases)) == (1, 1, 1)


def test_jobs_are_put_into_a_queue_of_their_own(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    pushed: list[tuple[Any, ...]] = []
    monkeypatch.setattr(queues, "_enqueue", lambda *given, **more: pushed.append((*given, more)))
    [watched] = flying()
    functions(1, environment=watched.environment)
    ask_for_polls(TICK)
    idle = Function.objects.exclude(pk=watched.pk).get()
    queue, later = settings.QUEUE_POLL, {"ttl": 60}
    assert pushed == [
        (queue, "releases.jobs.list_environment", watched.environment_id, later),
        (queue, "releases.jobs.poll_function", watched.pk, later),
        (queue, "releases.jobs.read_aliases", [idle.pk], later),
    ]
