"""Hazards of a rollback: said before, worst first, and never the reason why nobody can act."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import boto3
import pytest

from releases.aws import runtimes
from releases.hazards import Hazard, Level, check
from releases.models import Version
from sandbox.aws import Fault
from sandbox.aws.seed import SeedVersion
from tests.rollbacks import released_twice
from tests.world import REGION, World, package

ROLE = "arn:aws:iam::123456789012:role/checkout"


def looked(world: World, to: int = 1) -> list[Hazard]:
    world.function.refresh_from_db()
    numbered = {each.number: each for each in world.function.versions.all()}
    live = numbered.get(world.function.live_version or 0)
    return check(world.function, numbered[to], live).hazards


def said(found: list[Hazard], level: Level) -> list[str]:
    return [each.text for each in found if each.level == level]


def changed(world: World, number: int, **settings: Any) -> None:
    """Version `number` as Sluice knows it, with other settings."""
    version = Version.objects.get(function=world.function, number=number)
    version.configuration |= settings
    version.save(update_fields=["configuration"])


def service(world: World, name: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        name, endpoint_url=world.aws.url, region_name=REGION,
        aws_access_key_id="testing", aws_secret_access_key="testing",
    )  # fmt: skip


@pytest.fixture
def role(world: World) -> str:
    """The execution role of all versions, as it is in AWS."""
    made = service(world, "iam").create_role(RoleName="checkout", AssumeRolePolicyDocument="{}")
    arn: str = made["Role"]["Arn"]
    world.seed(configuration={"Role": arn})
    return arn


def test_a_version_that_is_there_is_fine(world: World, role: str) -> None:
    released_twice(world)
    found = looked(world)
    assert said(found, Level.BLOCKS) == []
    assert said(found, Level.FINE)[:1] == ["v1 exists in AWS and is active"]
    assert "The role of v1 is still there" in said(found, Level.FINE)


def test_a_deleted_version_blocks_and_comes_first(world: World) -> None:
    released_twice(world)
    world.client.delete_function(FunctionName="checkout", Qualifier="1")
    assert looked(world)[0] == Hazard(
        Level.BLOCKS, "v1 is not in AWS any more", "It was deleted, so no alias can point at it."
    )


def test_other_code_under_the_same_number_blocks(world: World) -> None:
    released_twice(world)
    Version.objects.filter(number=1).update(code_sha256="another")
    assert looked(world)[0].level == Level.BLOCKS


def test_a_role_that_is_gone_blocks(world: World, role: str) -> None:
    released_twice(world)
    service(world, "iam").delete_role(RoleName="checkout")
    blocking = said(looked(world), Level.BLOCKS)
    assert blocking == ["The execution role of v1 is gone: it could not start"]


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_key_blocks_only_where_it_is_disabled(world: World, role: str, is_enabled: bool) -> None:
    released_twice(world)
    kms = service(world, "kms")
    key = kms.create_key()["KeyMetadata"]
    if not is_enabled:
        kms.disable_key(KeyId=key["KeyId"])
    changed(world, 1, KMSKeyArn=key["Arn"])
    blocking = said(looked(world), Level.BLOCKS)
    assert blocking == ([] if is_enabled else ["The KMS key of v1 is disabled: it could not start"])


def test_a_deleted_layer_is_a_warning_for_aws_keeps_a_copy(world: World, role: str) -> None:
    released_twice(world)
    gone = "arn:aws:lambda:eu-west-1:123456789012:layer:shared:3"
    changed(world, 1, Layers=[gone])
    fault = Fault(
        "GetLayerVersionByArn", "error", status=404, code="ResourceNotFoundException", times=9
    )
    world.aws.faults.add(fault)
    assert "The layer shared:3 was deleted" in said(looked(world), Level.WARNING)


def test_weights_and_an_alias_that_moved_are_said(world: World) -> None:
    released_twice(world)
    world.client.update_alias(
        FunctionName="checkout", Name="live", FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.25}},
    )  # fmt: skip
    warnings = said(looked(world), Level.WARNING)
    assert "live sends 25% of its calls to v2" in warnings
    assert "live points at v1 in AWS, which Sluice has not heard of yet" in warnings


def test_provisioned_concurrency_of_the_alias_is_said(world: World) -> None:
    released_twice(world)
    world.client.put_provisioned_concurrency_config(
        FunctionName="checkout", Qualifier="live", ProvisionedConcurrentExecutions=5
    )
    assert "live has provisioned concurrency (5)" in said(looked(world), Level.WARNING)


def test_provisioned_concurrency_that_only_the_live_version_has_is_said(world: World) -> None:
    released_twice(world)
    world.client.put_provisioned_concurrency_config(
        FunctionName="checkout", Qualifier="2", ProvisionedConcurrentExecutions=5
    )
    expected = "v1 has no provisioned concurrency, v2 has"
    assert expected in said(looked(world), Level.WARNING)


def test_settings_that_go_another_way_are_said(world: World) -> None:
    released_twice(world)
    changed(
        world, 1, Role=f"{ROLE}-old", DeadLetterConfig="arn:aws:sqs:eu-west-1:1:dead",
        Architectures=["arm64"], Environment={},
    )  # fmt: skip
    warnings = said(looked(world), Level.WARNING)
    assert {
        "v1 runs with another role",
        "v1 sends events that it cannot handle elsewhere",
        "v1 runs on another architecture",
        "v1 does without environment key of v2",
    } <= set(warnings)


def test_a_deprecated_runtime_is_said(world: World) -> None:
    released_twice(world)
    changed(world, 1, Runtime="nodejs16.x")
    assert any(
        text.startswith("nodejs16.x is deprecated") for text in said(looked(world), Level.WARNING)
    )


@pytest.mark.parametrize(
    ("runtime", "today", "words"),
    [
        ("python3.8", date(2024, 1, 1), ""),
        ("python3.8", date(2024, 9, 1), "gets no security updates after 2024-10-14"),
        ("python3.8", date(2024, 10, 14), "is deprecated since 2024-10-14"),
        ("ruby2.5", date(2025, 1, 1), "be updated since 2022-03-31"),
        ("cobol85", date(2030, 1, 1), ""),
        ("", date(2030, 1, 1), ""),
    ],
)
def test_a_runtime_is_as_old_as_the_day(runtime: str, today: date, words: str) -> None:
    about = runtimes.warning_about(runtime, today=today)
    assert words in about if words else about == ""


def test_what_may_not_be_read_is_a_warning(world: World, role: str) -> None:
    released_twice(world)
    denied = Fault("GetRole", "error", status=403, code="AccessDenied", times=9)
    world.aws.faults.add(denied)
    hazard = next(each for each in looked(world) if "role could not be read" in each.text)
    assert (hazard.level, hazard.detail) == (
        Level.WARNING, "AWS does not let Sluice ask (GetRole).",
    )  # fmt: skip


def test_an_aws_that_is_silent_keeps_nobody_waiting(world: World) -> None:
    released_twice(world)
    world.aws.faults.add(Fault("*", "hang", seconds=60, times=99))
    began = time.monotonic()
    found = looked(world)
    assert time.monotonic() - began < 20
    assert said(found, Level.BLOCKS) == []
    assert "v1 itself could not be read" in said(found, Level.WARNING)


def three(world: World) -> None:
    code = [SeedVersion(code=package(text)) for text in ("one", "two", "three")]
    world.seed(versions=code, aliases={"live": "3"})
    world.add()


def test_nothing_is_said_twice_for_versions_alike(world: World) -> None:
    three(world)
    warnings = said(looked(world, to=2), Level.WARNING)
    assert [text for text in warnings if text.startswith("v2")] == []
