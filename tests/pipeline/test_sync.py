"""The sync of an environment: what it costs, what goes wrong, and on demand."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from releases import queues
from releases.actions.sync_environment import sync_environment
from releases.errors import NotAllowed
from releases.models import Drift, Environment
from releases.pipeline.lock import function_lock
from releases.pipeline.polls import ask_for_polls
from releases.pipeline.sync import read_aliases
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.actions.drifts import change_memory, said
from tests.pipeline.rounds import TICK, asked, many, run
from tests.world import HERE, World, package


# --- what it costs ------------------------------------------------------------------------------
def test_a_thousand_functions_are_covered_in_five_minutes_at_five_calls_a_second(
    world: World, hand: list[str], settings: Any
) -> None:
    """At a fifth of it: 200 functions at one call a second, which is a third of three."""
    count = 200
    settings.SLUICE_AWS_CALLS_PER_SECOND = 3
    many(world, count)
    Environment.objects.update(listed_count=count + 1)
    before = asked(world)
    began, a_tick = timezone.now(), []
    with pytest.MonkeyPatch.context() as unlimited:
        unlimited.setattr("releases.aws.budget.wait_for_turn", lambda *_, **__: None)
        for number in range(60):
            with time_machine.travel(began + timedelta(seconds=TICK * number), tick=False):
                so_far = asked(world).total()
                ask_for_polls(TICK)
                a_tick.append(asked(world).total() - so_far)
    made = asked(world) - before
    assert made == {"ListFunctions": 5, "ListAliases": count}
    assert made.total() <= 5 * 60
    assert max(a_tick) <= 5


def test_two_crons_ask_once(known: World, hand: list[str]) -> None:
    run(1)
    before = len(hand)
    later = timezone.now() + timedelta(minutes=6)
    with time_machine.travel(later, tick=False):
        ask_for_polls(TICK)
        ask_for_polls(TICK)
    assert Counter(hand[before:]) == {"listing": 1, "aliases": 1}


def test_in_flight_it_is_polled_every_15_seconds(known: World, hand: list[str]) -> None:
    release = known.advance(known.request(package("two")))
    assert release.state == ReleaseState.AWAITING_APPROVAL
    run(1, tick=TICK)
    assert hand.count("poll") == 4
    assert "aliases" not in hand


# --- what goes wrong ----------------------------------------------------------------------------
def test_a_listing_that_is_refused_is_said_once(known: World, hand: list[str]) -> None:
    denied = Fault("ListFunctions", "error", times=99, status=403, code="AccessDeniedException")
    kept = known.aws.faults.add(denied)
    run(12)
    assert len(said("environment.unreadable")) == 1
    assert hand.count("aliases") <= 1
    known.aws.faults.remove(kept)
    run(6, after=13)
    assert said("environment.readable") == ["The functions of production can be listed again"]
    assert Environment.objects.get().list_problem == ""


def test_a_job_that_was_lost_is_asked_for_in_the_next_round(
    known: World, hand: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change_memory(known)
    with monkeypatch.context() as lost:
        for name in ("enqueue_poll", "enqueue_listing", "enqueue_aliases"):
            lost.setattr(queues, name, lambda _: None)
        run(1)
    run(6, after=5)
    assert Drift.objects.get().is_open


def test_a_poll_that_found_the_lock_taken_comes_again(known: World, hand: list[str]) -> None:
    change_memory(known)
    with function_lock(known.function.pk):
        run(0.5)
    assert not Drift.objects.exists()
    run(0.5, after=1)
    assert Drift.objects.get().is_open


def test_a_busy_aws_leaves_the_rest_for_later(known: World) -> None:
    known.aws.faults.add(
        Fault("ListAliases", "error", times=9, status=429, code="TooManyRequestsException")
    )
    read_aliases([known.function.pk])
    known.function.refresh_from_db()
    assert known.function.moved_at is None
    assert said("function.unreadable") == []


# --- on demand ----------------------------------------------------------------------------------
def test_on_demand_a_round_begins_now(known: World, hand: list[str]) -> None:
    run(1)
    change_memory(known)
    sync_environment(known.environment, by=known.people["developer"], origin=HERE)
    run(0.5, after=1)
    assert Drift.objects.get().is_open
    assert said("environment.sync_asked") == ["developer had all of production read from AWS again"]


def test_those_who_only_read_may_not_ask_for_it(known: World) -> None:
    with pytest.raises(NotAllowed, match="have an environment read from AWS"):
        sync_environment(known.environment, by=known.people["security"], origin=HERE)
    assert said("environment.refused")[0].startswith(
        "security was not allowed to have all of production read from AWS again: Only "
    )


def test_no_cron_waits_for_aws(known: World) -> None:
    """Asking is not doing: what is slow is the workers' to wait for."""
    known.aws.faults.add(Fault("*", "hang", times=99, seconds=30.0))
    began = time.monotonic()
    ask_for_polls(TICK)
    assert time.monotonic() - began < 20
