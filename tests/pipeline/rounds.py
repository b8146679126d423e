"""Rounds of a sync: a cron's ticks, what they asked of AWS, and many functions to ask about."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import time_machine
from django.utils import timezone

from releases.models import Alias, Function
from releases.pipeline.polls import ask_for_polls
from sandbox.aws import SeedVersion
from tests.world import ACCOUNT, REGION, World, package

TICK = 5
# Nothing is due oftener than this: ticks between would find nothing to ask for.
SLOW_TICK = 15


def run(minutes: float, after: float = 0.0, *, tick: int = SLOW_TICK) -> None:
    """That many minutes of a cron, each tick at its time."""
    began = timezone.now() + timedelta(minutes=after)
    for number in range(round(minutes * 60 / tick)):
        with time_machine.travel(began + timedelta(seconds=tick * number), tick=False):
            ask_for_polls(tick)


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
    revisions = {
        function: client.list_aliases(FunctionName=function.name)["Aliases"][0]["RevisionId"]
        for function in made
    }
    Alias.objects.bulk_create(
        Alias(function=function, name="live", version="1", revision_id=revision)
        for function, revision in revisions.items()
    )
    return made
