"""Seeding: functions with a past, without the wire."""

from datetime import UTC, datetime, timedelta

from sandbox.aws import SeedAlias, SeedVersion, zip_of
from tests.sandbox.cloud import ACCOUNT, Cloud

LONG_AGO = datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_function_with_a_past(cloud: Cloud) -> None:
    versions = [
        SeedVersion(zip_of(f"v{n}"), f"release {n}", LONG_AGO + timedelta(days=n)) for n in (1, 2)
    ]
    aliases: dict[str, SeedAlias | str] = {
        "live": "1",
        "canary": SeedAlias("1", {"2": 0.1}, "careful"),
    }
    cloud.sandbox.seed.function("past", versions=versions, aliases=aliases)
    rows = cloud.lambda_.list_versions_by_function(FunctionName="past")["Versions"]
    assert [row["Description"] for row in rows] == ["", "release 1", "release 2"]
    assert rows[1]["LastModified"] == "2023-01-03T03:04:05.000+0000"
    alias = cloud.lambda_.get_alias(FunctionName="past", Name="canary")
    assert alias["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.1}}


def test_the_configuration_is_what_create_function_takes(cloud: Cloud) -> None:
    given = {
        "Runtime": "nodejs22.x",
        "MemorySize": 512,
        "Environment": {"Variables": {"STAGE": "live"}},
        "Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:shop:3"],
        "Architectures": ["arm64"],
    }
    cloud.sandbox.seed.function("configured", configuration=given)
    found = cloud.get("configured")
    assert (found["Runtime"], found["MemorySize"], found["Architectures"]) == (
        "nodejs22.x",
        512,
        ["arm64"],
    )
    assert found["Environment"] == {"Variables": {"STAGE": "live"}}
    assert found["Layers"][0]["Arn"].endswith(":layer:shop:3")


def test_a_version_may_have_been_configured_otherwise(cloud: Cloud) -> None:
    version = SeedVersion(configuration={"Timeout": 99})
    cloud.sandbox.seed.function("otherwise", versions=[version])
    assert (cloud.get("otherwise", "1")["Timeout"], cloud.get("otherwise")["Timeout"]) == (99, 3)


def test_nothing_is_left_to_publish_unless_latest_differs(cloud: Cloud) -> None:
    seed, client = cloud.sandbox.seed, cloud.lambda_
    seed.function("same", versions=[SeedVersion(zip_of("a"))])
    seed.function("different", versions=[SeedVersion(zip_of("a"))], code=zip_of("b"))
    found = [client.publish_version(FunctionName=name)["Version"] for name in ("same", "different")]
    assert found == ["1", "2"]


def test_an_image_function(cloud: Cloud) -> None:
    uri = cloud.sandbox.seed.image("pictures", "v1", region="eu-west-1")
    cloud.sandbox.seed.function("painter", region="eu-west-1", code=uri)
    answer = cloud.client("lambda", "eu-west-1").get_function(FunctionName="painter")
    assert answer["Configuration"]["PackageType"] == "Image"
    assert answer["Code"]["ResolvedImageUri"] == uri


def test_a_tag_moves_to_another_image(cloud: Cloud) -> None:
    seed = cloud.sandbox.seed
    first, again = (seed.image("moving", "live", content="one") for _ in range(2))
    assert first == again
    assert seed.image("moving", "live", content="two") != first


def test_many_functions_with_many_versions(cloud: Cloud) -> None:
    for number in range(200):
        versions = [SeedVersion(zip_of(f"{number % 4} {n}")) for n in range(50)]
        cloud.sandbox.seed.function(f"many-{number}", account="333333333333", versions=versions)
    client = cloud.client("lambda", **cloud.keys_of("333333333333"))
    pages = client.get_paginator("list_functions").paginate()
    assert sum(len(page["Functions"]) for page in pages) == 200
    versions_of = client.list_versions_by_function(FunctionName="many-199")["Versions"]
    assert len(versions_of) == 50
    assert client.get_account_settings()["AccountUsage"]["FunctionCount"] == 200


def test_the_role_of_a_function_is_there(cloud: Cloud) -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/service/older"
    version = SeedVersion(zip_of("a"), configuration={"Role": other})
    cloud.sandbox.seed.function("roles", versions=[version])
    iam = cloud.client("iam")
    assert iam.get_role(RoleName="lambda")["Role"]["RoleName"] == "lambda"
    assert iam.get_role(RoleName="older")["Role"]["RoleName"] == "older"
