"""What the sync of an environment sees: drift, versions, functions deleted and made again."""

from __future__ import annotations

import pytest
from django.utils import timezone

from releases.models import Drift, Version
from sandbox.aws import SeedVersion
from tests.actions.drifts import change_code, change_memory, look, said
from tests.pipeline.rounds import asked, run
from tests.pipeline.ways import added
from tests.world import World, package


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
    added(world)
    change_memory(world)
    drift = look(world)
    assert drift is not None and cause in drift.cause
    assert bool(cause) == bool(drift.cause)
