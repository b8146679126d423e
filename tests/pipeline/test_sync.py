"""The sync of an environment: what it sees, what it costs, and what it leaves alone."""

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
from releases.models import Alias, Drift, Environment, Function, Version
from releases.pipeline.lock import function_lock
from releases.pipeline.poll import poll
from releases.pipeline.polls import ask_for_polls
from releases.pipeline.sync import list_environment, read_aliases
from releases.states import ReleaseState
from sandbox.aws import Fault, SeedVersion
from tests.actions.drifts import change_code, change_memory, look, said
from tests.world import ACCOUNT, HERE, REGION, World, package

TICK = 5


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Does each job the moment it is asked for, as an idle worker would; names what it did."""
    done: list[str] = []

    def doing(name: str, job: Any) -> Any:
        def run(argument: Any) -> None:
            done.append(name)
            job(argument)

        return run

    monkeypatch.setattr(queues, "enqueue_poll", doing("poll", poll))
    monkeypatch.setattr(queues, "enqueue_listing", doing("listing", list_environment))
    monkeypatch.setattr(queues, "enqueue_aliases", doing("aliases", read_aliases))
    return done


@pytest.fixture
def known(world: World) -> World:
    world.add()
    return world


def run(minutes: float, after: float = 0.0) -> None:
    """That many minutes of a cron, each tick at its time."""
    began = timezone.now() + timedelta(minutes=after)
    for number in range(round(minutes * 60 / TICK)):
        with time_machine.travel(began + timedelta(seconds=TICK * number), tick=False):
            ask_for_polls(TICK)


def asked(world: World) -> Counter[str]:
    return Counter(each.operation for each in world.aws.calls.find())


def many(world: World, count: int) -> list[Function]:
    """Functions that Sluice knows as they are in AWS."""
    for number in range(count):
        world.aws.seed.function(
            f"many-{number:04}", account=ACCOUNT, region=REGION, aliases={"live": "1"},
            versions=[SeedVersion(code=package("one"))],
        )  # fmt: skip
    client = world.client
    rows, now = [], timezone.now()
    pages = client.get_paginator("list_functions").paginate()
    for listed in (row for page in pages for row in page["Functions"]):
        if listed["FunctionName"].startswith("many-"):
            rows.append(
                Function(
                    environment=world.environment,
                    name=listed["FunctionName"],
                    arn=listed["FunctionArn"],
                    latest_revision_id=listed["RevisionId"],
                    latest_code_sha256=listed["CodeSha256"],
                    synced_at=now,
                    versions_read_at=now,
                )
            )
    made = Function.objects.bulk_create(rows)
    for function in made:
        [alias] = client.list_aliases(FunctionName=function.name)["Aliases"]
        Alias.objects.create(
            function=function, name="live", version="1", revision_id=alias["RevisionId"]
        )
    return made


# --- what it sees -------------------------------------------------------------------------------
def test_what_moved_is_drift_within_a_round(known: World, hand: list[str]) -> None:
    run(1)
    change_memory(known)
    run(5.5, after=1)
    drift = Drift.objects.get()
    assert drift.what == ["MemorySize changed from 128 to 512"]


def test_a_moved_alias_is_seen_though_latest_stands_still(known: World, hand: list[str]) -> None:
    known.client.update_function_configuration(FunctionName=known.name, Description="x")
    known.client.publish_version(FunctionName=known.name)
    look(known)
    Drift.objects.all().delete()
    known.client.update_alias(FunctionName=known.name, Name="live", FunctionVersion="2")
    run(5.5)
    assert Drift.objects.get().kinds == ["alias"]


def test_what_stands_still_costs_a_listing_and_its_aliases(known: World, hand: list[str]) -> None:
    run(4.9)
    before = asked(known)
    run(5, after=5)
    assert asked(known) - before == {"ListFunctions": 1, "ListAliases": 1}
    known.function.refresh_from_db()
    assert known.function.synced_at and known.function.synced_at > timezone.now()


def test_versions_are_listed_once_a_day(known: World, hand: list[str]) -> None:
    run(2)
    assert asked(known)["ListVersionsByFunction"] == 1
    run(2, after=24 * 60 + 1)
    assert asked(known)["ListVersionsByFunction"] == 2


def test_a_version_published_elsewhere_is_marked_as_such(known: World, hand: list[str]) -> None:
    change_code(known)
    known.client.publish_version(FunctionName=known.name)
    run(1)
    assert Version.objects.get(number=2).release is None
    assert said("function.versions_found") == [
        "checkout has versions that were published outside Sluice: v2"
    ]


def test_a_deleted_function_is_said_and_its_history_kept(known: World, hand: list[str]) -> None:
    run(1)
    known.client.delete_function(FunctionName=known.name)
    run(12, after=5)
    assert Drift.objects.get().kinds == ["deleted"]
    assert len(said("function.drifted")) == 1
    assert known.function.versions.count() == 1
    assert hand.count("poll") == 1


def test_a_function_made_again_is_said_and_its_history_kept(known: World, hand: list[str]) -> None:
    known.client.delete_function(FunctionName=known.name)
    run(1)
    known.seed(versions=[SeedVersion(code=package("new one")), SeedVersion(code=package("two"))])
    run(6, after=5)
    drift = Drift.objects.get()
    assert drift.kinds == ["recreated", "code"]
    assert drift.what[0] == "it was deleted in AWS and made again"
    assert list(known.function.versions.values_list("number", flat=True)) == [2, 1]
    assert Version.ever.filter(function=known.function).count() == 3


def test_made_again_between_two_looks_it_is_seen_by_its_versions(
    known: World, hand: list[str]
) -> None:
    known.client.delete_function(FunctionName=known.name)
    known.seed(versions=[SeedVersion(code=package("new one"))])
    run(1)
    assert Drift.objects.get().kinds == ["recreated", "code"]


def test_a_change_undone_in_aws_is_over_by_itself(known: World, hand: list[str]) -> None:
    change_memory(known)
    run(1)
    assert Drift.objects.get().is_open
    change_memory(known, 128)
    run(6, after=5)
    drift = Drift.objects.get()
    assert (drift.state, drift.reason) == ("gone", "it is as it was before the change")


def test_further_changes_update_the_open_one(known: World, hand: list[str]) -> None:
    change_memory(known)
    run(1)
    change_code(known)
    run(6, after=5)
    drift = Drift.objects.get()
    assert (drift.kinds, drift.revision) == (["code", "configuration"], 2)
    assert [each.split("Sluice: ")[1].split(" is now")[0] for each in said("function.drifted")] == [
        "MemorySize changed from 128 to 512",
        "the code of $LATEST",
    ]


@pytest.mark.parametrize(
    ("tags", "cause"),
    [
        ({}, ""),
        ({"team": "shop"}, ""),
        ({"ManagedBy": "terraform"}, "Its tag ManagedBy names Terraform"),
        ({"aws:cloudformation:stack-name": "shop"}, "the CloudFormation stack shop:"),
        (
            {"aws:cloudformation:stack-name": "shop", "lambda:createdBy": "SAM"},
            "the CloudFormation stack shop (AWS SAM):",
        ),
        (
            {
                "aws:cloudformation:stack-name": "shop",
                "aws:cloudformation:logical-id": "HandlerA1B2C3D4",
            },
            "the CloudFormation stack shop (AWS CDK):",
        ),
    ],
)
def test_a_tool_is_named_where_something_says_so(
    world: World, tags: dict[str, str], cause: str
) -> None:
    world.seed(tags=tags)
    world.add()
    change_memory(world)
    drift = look(world)
    assert drift is not None and cause in drift.cause
    assert bool(cause) == bool(drift.cause)


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
    run(1)
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


def test_no_cron_waits_for_aws(known: World) -> None:
    """Asking is not doing: what is slow is the workers' to wait for."""
    known.aws.faults.add(Fault("*", "hang", times=99, seconds=30.0))
    began = time.monotonic()
    ask_for_polls(TICK)
    assert time.monotonic() - began < 5
