"""The wire: error types, message keys, statuses (facts W)."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from sandbox.aws import Fault
from tests.sandbox.cloud import Cloud, refused


def test_a_modelled_error_has_a_type_header_and_a_user_type(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.get_function, FunctionName="nobody")
    headers = refusal.response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-errortype"] == "ResourceNotFoundException"
    assert refusal.response["Type"] == "User"
    assert len(headers["x-amzn-requestid"]) == 36


def test_not_found_spells_its_message_with_a_capital(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.get_function, FunctionName="nobody")
    assert refusal.response["Message"] == refusal.message


def test_precondition_failed_spells_its_message_small(cloud: Cloud) -> None:
    name = cloud.function()
    refusal = refused(cloud.lambda_.publish_version, FunctionName=name, RevisionId="x")
    assert refusal.response["message"] == refusal.message
    assert "Message" not in refusal.response


def test_a_constraint_of_the_model_is_an_unmodelled_validation_exception(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.get_function, FunctionName="bad!name")
    assert (refusal.status, refusal.code) == (400, "ValidationException")
    assert refusal.message.startswith("1 validation error detected: Value 'bad!name' at ")
    assert "Type" not in refusal.response


def test_several_violations_are_joined(cloud: Cloud) -> None:
    refusal = refused(
        cloud.lambda_.create_alias, FunctionName="f", Name="2024", FunctionVersion="x"
    )
    assert refusal.message.startswith("2 validation errors detected: Value '2024' at 'name'")
    assert "; Value 'x' at 'functionVersion' failed to satisfy constraint" in refusal.message


def test_a_missing_member_must_not_be_null(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.create_function, FunctionName="f", Code={})
    assert "Value null at 'role' failed to satisfy constraint: Member must not" in refusal.message


def test_a_wrong_json_type_is_a_serialization_exception(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.publish_version, FunctionName="f", Description=["no"])
    assert refusal.code == "SerializationException"


NULLS = [
    ("update_function_configuration", {"Layers": [None]}, "layers"),
    ("update_function_configuration", {"VpcConfig": {"SubnetIds": [None]}}, "vpcConfig.subnetIds"),
    ("update_function_code", {"Architectures": [None]}, "architectures"),
]


@pytest.mark.parametrize(("call", "params", "field"), NULLS)
def test_a_member_of_a_list_must_not_be_null(
    cloud: Cloud, call: str, params: dict[str, Any], field: str
) -> None:
    refusal = refused(getattr(cloud.lambda_, call), FunctionName="f", **params)
    assert (refusal.status, refusal.code) == (400, "ValidationException")
    start = f"1 validation error detected: Value '[null]' at '{field}' failed to satisfy constraint"
    assert refusal.message.startswith(f"{start}: Member must satisfy constraint: [")
    assert refusal.message.endswith("Member must not be null]")


def test_a_value_of_a_map_must_not_be_null(cloud: Cloud) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    refusal = refused(cloud.lambda_.tag_resource, Resource=arn, Tags={"a": None})
    assert (refusal.status, refusal.code) == (400, "ValidationException")
    assert "Value '{a=null}' at 'tags' failed" in refusal.message
    variables = {"Environment": {"Variables": {"AB": None}}}
    call = cloud.lambda_.update_function_configuration
    assert refused(call, FunctionName=cloud.function(), **variables).status == 400


def test_statuses_of_success(cloud: Cloud) -> None:
    def status(answer: dict[str, Any]) -> int:
        code: int = answer["ResponseMetadata"]["HTTPStatusCode"]
        return code

    name, client = cloud.function(), cloud.lambda_
    assert status(client.publish_version(FunctionName=name)) == 201
    assert status(client.publish_version(FunctionName=name)) == 201
    assert status(client.create_alias(FunctionName=name, Name="a", FunctionVersion="1")) == 201
    assert status(client.get_alias(FunctionName=name, Name="a")) == 200
    assert status(client.update_alias(FunctionName=name, Name="a")) == 200
    assert status(client.delete_alias(FunctionName=name, Name="a")) == 204
    assert status(client.delete_function(FunctionName=name)) == 204


def test_a_request_without_a_signature_is_refused(cloud: Cloud) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{cloud.sandbox.url}/2015-03-31/functions")
    with caught.value as answer:
        assert (answer.code, json.load(answer)["message"]) == (403, "Missing Authentication Token")


def test_every_answer_has_its_own_request_id(cloud: Cloud) -> None:
    answers = [cloud.lambda_.list_functions(), cloud.client("sts").get_caller_identity()]
    ids = {answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"] for answer in answers}
    assert len(ids) == 2


def test_an_operation_the_sandbox_does_not_know_says_so(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.list_capacity_providers)
    assert (refusal.status, refusal.code) == (501, "NotImplementedException")
    assert "ListCapacityProviders" in refusal.message


MODELLED = {
    "InvalidParameterValueException": (400, "message"),
    "CodeStorageExceededException": (400, "message"),
    "InvalidCodeSignatureException": (400, "Message"),
    "CodeVerificationFailedException": (400, "Message"),
    "AliasLimitExceededException": (400, "message"),
    "ResourceNotFoundException": (404, "Message"),
    "CodeSigningConfigNotFoundException": (404, "Message"),
    "ResourceConflictException": (409, "message"),
    "PreconditionFailedException": (412, "message"),
    "TooManyRequestsException": (429, "message"),
    "ServiceException": (500, "Message"),
}


@pytest.mark.parametrize("code", MODELLED)
def test_every_exception_has_its_status_and_its_message_key(cloud: Cloud, code: str) -> None:
    cloud.sandbox.faults.add(Fault("ListFunctions", "error", code=code, message="said"))
    refusal = refused(cloud.lambda_.list_functions)
    status, key = MODELLED[code]
    assert (refusal.status, refusal.code, refusal.message) == (status, code, "said")
    assert key in refusal.response


def test_creating_is_201_and_updating_200(cloud: Cloud) -> None:
    created = cloud.create()
    assert created["ResponseMetadata"]["HTTPStatusCode"] == 201
    updated = cloud.update(cloud.settle(created["FunctionName"]))
    assert updated["ResponseMetadata"]["HTTPStatusCode"] == 200
