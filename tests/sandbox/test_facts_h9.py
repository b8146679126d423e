"""Provisioned concurrency where it meets aliases (facts H9)."""

from typing import Any

import pytest

from sandbox.aws import SeedVersion
from tests.sandbox.cloud import Cloud, refused


@pytest.fixture
def name(cloud: Cloud) -> str:
    """Two versions and an alias on the first."""
    name = cloud.published(2)
    cloud.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    return name


def provision(cloud: Cloud, name: str, qualifier: str) -> dict[str, Any]:
    answer: dict[str, Any] = cloud.lambda_.put_provisioned_concurrency_config(
        FunctionName=name, Qualifier=qualifier, ProvisionedConcurrentExecutions=5
    )
    return answer


def provision_refused(cloud: Cloud, name: str, qualifier: str) -> tuple[int, str]:
    refusal = refused(
        cloud.lambda_.put_provisioned_concurrency_config,
        FunctionName=name,
        Qualifier=qualifier,
        ProvisionedConcurrentExecutions=5,
    )
    return refusal.status, refusal.message


def weights(cloud: Cloud, name: str) -> dict[str, float]:
    routing = cloud.lambda_.get_alias(FunctionName=name, Name="live").get("RoutingConfig", {})
    found: dict[str, float] = routing.get("AdditionalVersionWeights", {})
    return found


def test_it_takes_its_time_to_be_ready(cloud: Cloud, name: str) -> None:
    answer = provision(cloud, name, "live")
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Status"]) == (202, "IN_PROGRESS")
    (listed,) = cloud.lambda_.list_provisioned_concurrency_configs(FunctionName=name)[
        "ProvisionedConcurrencyConfigs"
    ]
    assert listed["FunctionArn"].endswith(f":{name}:live")
    assert listed["RequestedProvisionedConcurrentExecutions"] == 5


def test_an_alias_that_moves_carries_weights_until_the_new_version_is_ready(
    cloud: Cloud, name: str
) -> None:
    provision(cloud, name, "live")
    cloud.sandbox.timing.in_progress = 0.3
    cloud.lambda_.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    assert weights(cloud, name) == {"1": 1.0}
    text = "Alias with weights can not be used with Provisioned Concurrency"
    assert provision_refused(cloud, name, "live") == (400, text)
    while weights(cloud, name):
        pass
    assert provision(cloud, name, "live")["RequestedProvisionedConcurrentExecutions"] == 5


def test_an_alias_without_it_moves_at_once(cloud: Cloud, name: str) -> None:
    cloud.lambda_.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    assert weights(cloud, name) == {}


def test_a_version_is_provisioned_once(cloud: Cloud, name: str) -> None:
    provision(cloud, name, "1")
    text = (
        "Alias can't be used for Provisioned Concurrency configuration on an already "
        "Provisioned version"
    )
    assert provision_refused(cloud, name, "live") == (409, text)
    cloud.lambda_.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="1")
    provision(cloud, name, "live")
    text = "Version is pointed by a Provisioned Concurrency alias"
    assert provision_refused(cloud, name, "1") == (409, text)


def test_latest_and_what_is_not_there_cannot_be_provisioned(cloud: Cloud, name: str) -> None:
    assert provision_refused(cloud, name, "$LATEST")[0] == 400
    assert provision_refused(cloud, name, "9")[0] == 404
    assert provision_refused(cloud, name, "nobody")[0] == 404
    call = cloud.lambda_.get_provisioned_concurrency_config
    refusal = refused(call, FunctionName=name, Qualifier="live")
    assert refusal.code == "ProvisionedConcurrencyConfigNotFoundException"


def test_provisioned_concurrency_comes_out_of_the_accounts(cloud: Cloud) -> None:
    client = cloud.client("lambda", "ap-south-1")
    cloud.sandbox.seed.function("kept", region="ap-south-1", versions=[SeedVersion()])
    put = client.put_provisioned_concurrency_config

    def unreserved() -> int:
        limit = client.get_account_settings()["AccountLimit"]
        return int(limit["UnreservedConcurrentExecutions"])

    given = {"FunctionName": "kept", "Qualifier": "1"}
    put(**given, ProvisionedConcurrentExecutions=900)
    assert unreserved() == 100
    refusal = refused(put, **given, ProvisionedConcurrentExecutions=901)
    assert refusal.message.endswith("below its minimum value of [100].")
    client.delete_provisioned_concurrency_config(**given)
    assert unreserved() == 1000


def test_provisioned_concurrency_stays_within_the_reserved(cloud: Cloud) -> None:
    name, client = cloud.published(1), cloud.lambda_
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)
    put = client.put_provisioned_concurrency_config
    given = {"FunctionName": name, "Qualifier": "1"}
    refusal = refused(put, **given, ProvisionedConcurrentExecutions=6)
    assert (refusal.status, "reservedConcurrentExecution" in refusal.message) == (400, True)
    assert put(**given, ProvisionedConcurrentExecutions=5)["Status"] == "IN_PROGRESS"
