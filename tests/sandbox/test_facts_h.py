"""Aliases and their weights (facts H)."""

from typing import Any

import pytest

from tests.sandbox.cloud import ROLE, Cloud, refused

INVALID = "InvalidParameterValueException"


def routing(**weights: float) -> dict[str, Any]:
    return {"AdditionalVersionWeights": {key.strip("v"): w for key, w in weights.items()}}


@pytest.fixture
def name(cloud: Cloud) -> str:
    """A function with two versions and an alias on the first."""
    name = cloud.published(2)
    cloud.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name


def create_refused(cloud: Cloud, name: str, version: str, **weights: float) -> tuple[str, str]:
    refusal = refused(
        cloud.lambda_.create_alias,
        FunctionName=name,
        Name="other",
        FunctionVersion=version,
        RoutingConfig=routing(**weights),
    )
    return refusal.code, refusal.message


def test_an_alias_without_weights_says_nothing_of_routing(cloud: Cloud, name: str) -> None:
    answer = cloud.lambda_.get_alias(FunctionName=name, Name="live")
    assert answer["AliasArn"].endswith(f":function:{name}:live")
    assert (answer["Description"], "RoutingConfig" in answer) == ("", False)


def test_latest_is_a_target_only_without_weights(cloud: Cloud, name: str) -> None:
    text = "$LATEST is not supported for an alias pointing to more than 1 version"
    assert create_refused(cloud, name, "$LATEST", v1=0.5) == (INVALID, text)
    call = cloud.lambda_.create_alias
    assert call(FunctionName=name, Name="newest", FunctionVersion="$LATEST")["Name"] == "newest"


def test_the_main_version_is_not_in_its_own_weights(cloud: Cloud, name: str) -> None:
    text = (
        "Invalid function version 1. "
        "Function version 1 is already included in routing configuration."
    )
    assert create_refused(cloud, name, "1", v1=0.5) == (INVALID, text)


def test_a_weight_above_one(cloud: Cloud, name: str) -> None:
    code, text = create_refused(cloud, name, "1", v2=2)
    assert code == "ValidationException"
    assert "Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed" in text
    assert "Map value must satisfy constraint: [Member must have value less than or" in text


def test_a_weight_of_exactly_one_is_allowed(cloud: Cloud, name: str) -> None:
    answer = cloud.lambda_.update_alias(
        FunctionName=name, Name="live", RoutingConfig=routing(v2=1.0)
    )
    assert answer["RoutingConfig"] == routing(v2=1.0)


def test_a_weighted_version_must_exist(cloud: Cloud, name: str) -> None:
    code, text = create_refused(cloud, name, "1", v9=0.5)
    assert code == "ResourceNotFoundException"
    assert text.endswith(f":function:{name}:9")


def test_weighted_versions_share_their_role(cloud: Cloud) -> None:
    name = cloud.published(1)
    cloud.lambda_.update_function_configuration(FunctionName=name, Role=f"{ROLE}-two")
    cloud.settle(name)
    cloud.lambda_.publish_version(FunctionName=name)
    text = "Specified versions must be associated with the same execution role"
    assert create_refused(cloud, name, "1", v2=0.5) == (INVALID, text)


def test_promoting_the_weighted_version_needs_the_weights_cleared(cloud: Cloud, name: str) -> None:
    client = cloud.lambda_
    client.update_alias(FunctionName=name, Name="live", RoutingConfig=routing(v2=0.1))
    promote = {"FunctionName": name, "Name": "live", "FunctionVersion": "2"}
    assert "already included" in refused(client.update_alias, **promote).message
    done = client.update_alias(**promote, RoutingConfig=routing())
    assert (done["FunctionVersion"], "RoutingConfig" in done) == ("2", False)


def test_leaving_out_the_routing_keeps_the_weights(cloud: Cloud, name: str) -> None:
    client = cloud.lambda_
    client.update_alias(FunctionName=name, Name="live", RoutingConfig=routing(v2=0.1))
    answer = client.update_alias(FunctionName=name, Name="live", Description="still")
    assert answer["RoutingConfig"] == routing(v2=0.1)


def test_a_second_alias_of_the_name_is_a_conflict(cloud: Cloud, name: str) -> None:
    call = cloud.lambda_.create_alias
    refusal = refused(call, FunctionName=name, Name="live", FunctionVersion="1")
    assert (refusal.status, refusal.code) == (409, "ResourceConflictException")
    assert refusal.message.startswith("Alias already exists: arn:aws:lambda:")


def test_a_failed_update_changes_nothing(cloud: Cloud, name: str) -> None:
    before = cloud.lambda_.get_alias(FunctionName=name, Name="live")["RevisionId"]
    refused(cloud.lambda_.update_alias, FunctionName=name, Name="live", FunctionVersion="9")
    assert cloud.lambda_.get_alias(FunctionName=name, Name="live")["RevisionId"] == before


def test_latest_is_no_key_of_weights(cloud: Cloud, name: str) -> None:
    weights = {"AdditionalVersionWeights": {"$LATEST": 0.5}}
    call = cloud.lambda_.update_alias
    refusal = refused(call, FunctionName=name, Name="live", RoutingConfig=weights)
    assert refusal.code == "ValidationException"
    assert "Map keys must satisfy constraint: [Member must have length less" in refusal.message
    assert refusal.message.endswith("Member must satisfy regular expression pattern: [0-9]+]")


def test_aliases_are_listed_on_after_one_that_is_gone(cloud: Cloud, name: str) -> None:
    client = cloud.lambda_
    for alias in ("alpha", "beta"):
        client.create_alias(FunctionName=name, Name=alias, FunctionVersion="1")
    page = client.list_aliases(FunctionName=name, MaxItems=2)
    client.delete_alias(FunctionName=name, Name="beta")
    rest = client.list_aliases(FunctionName=name, Marker=page["NextMarker"])["Aliases"]
    assert [alias["Name"] for alias in rest] == ["live"]


def test_weighted_versions_share_their_dead_letters(cloud: Cloud) -> None:
    name, queue = cloud.published(1), "arn:aws:sqs:us-east-1:123456789012:dead"
    cloud.lambda_.update_function_configuration(
        FunctionName=name, DeadLetterConfig={"TargetArn": queue}
    )
    cloud.lambda_.publish_version(FunctionName=cloud.settle(name))
    refusal = refused(
        cloud.lambda_.create_alias,
        FunctionName=name,
        Name="split",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.1}},
    )
    assert (refusal.status, "dead letter" in refusal.message) == (400, True)
