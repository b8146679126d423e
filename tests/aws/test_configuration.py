"""The normal form of a configuration, and the environment in it."""

from typing import Any

import pytest

from releases.aws.configuration import (
    CONFIGURATION_FIELDS,
    is_environment_readable,
    normal_configuration,
    unqualified,
)

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
KEY = b"key"


def normal(key: bytes = KEY, **fields: Any) -> dict[str, Any]:
    answer = {"FunctionName": "checkout", "FunctionArn": ARN, "Version": "$LATEST", **fields}
    return normal_configuration(answer, key)


def environment(key: bytes = KEY, arn: str = ARN, **variables: str) -> dict[str, str]:
    found = normal(key, FunctionArn=arn, Environment={"Variables": variables})["Environment"]
    assert isinstance(found, dict)
    return found


def test_every_field_of_the_list_is_there_even_when_aws_left_it_out() -> None:
    assert sorted(normal()) == list(CONFIGURATION_FIELDS)


@pytest.mark.parametrize(
    "spelled_out",
    [
        {"Environment": {"Variables": {}}},
        {"Layers": []},
        {"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""}},
        {"TracingConfig": {"Mode": "PassThrough"}},
        {"EphemeralStorage": {"Size": 512}},
        {"SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"}},
        {"LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/checkout"}},
        {"Architectures": ["x86_64"]},
        {"Description": ""},
    ],
)
def test_default_that_is_spelled_out_is_the_same_as_left_out(spelled_out: dict[str, Any]) -> None:
    assert normal(**spelled_out) == normal()


@pytest.mark.parametrize(
    "passing",
    ["RevisionId", "LastModified", "State", "LastUpdateStatus", "CodeSize", "SigningJobArn"],
)
def test_what_changes_by_itself_is_not_configuration(passing: str) -> None:
    fields: dict[str, Any] = {passing: "x"}
    assert normal(**fields) == normal()


def test_order_counts_for_layers_and_not_for_subnets() -> None:
    ab, ba = [{"Arn": "a"}, {"Arn": "b"}], [{"Arn": "b"}, {"Arn": "a"}]
    assert normal(Layers=ab) != normal(Layers=ba)
    one, other = {"SubnetIds": ["a", "b"]}, {"SubnetIds": ["b", "a"]}
    assert normal(VpcConfig=one) == normal(VpcConfig=other)


def test_environment_values_become_digests_bound_to_function_key_and_value() -> None:
    found = environment(TOKEN="s3cret")
    assert found["TOKEN"].startswith("hmac:")
    assert "s3cret" not in str(found)
    assert found == environment(TOKEN="s3cret", arn=f"{ARN}:7")
    assert found != environment(TOKEN="other")
    assert found != environment(TOKEN="s3cret", arn=f"{ARN}-two")
    assert found != environment(b"another key", TOKEN="s3cret")
    assert found["TOKEN"] != environment(OTHER="s3cret")["OTHER"]


def test_environment_that_aws_could_not_decrypt_says_so() -> None:
    failure = {"ErrorCode": "AccessDeniedException", "Message": "key secret-key-id"}
    unreadable = normal(Environment={"Error": failure})
    assert not is_environment_readable(unreadable)
    assert "secret-key-id" not in str(unreadable)
    assert unreadable != normal()


def test_description_is_that_of_latest_and_not_of_a_version() -> None:
    assert normal(Description="a")["Description"] == "a"
    assert "Description" not in normal(Version="3", Description="R-1042")


def test_qualifier_is_taken_off_an_arn() -> None:
    assert unqualified(f"{ARN}:$LATEST") == unqualified(ARN) == ARN
