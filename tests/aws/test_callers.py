"""Who calls `$LATEST`: proven to be nobody, or not proven."""

from typing import Any

import pytest

from releases.aws import client, errors
from releases.aws.gateway import Gateway
from releases.aws.types import LatestCallers
from sandbox.aws import AwsSandbox, Fault
from tests.aws.conftest import TARGET


def lambda_client() -> Any:
    return client.client_for(TARGET, "lambda", is_write=True)


def allow(**qualifier: str) -> None:
    lambda_client().add_permission(
        FunctionName="checkout",
        StatementId="orders-bucket",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        **qualifier,
    )


def refuse(aws: AwsSandbox, operation: str) -> None:
    said = "User is not authorized"
    fault = Fault(operation, "error", status=403, code="AccessDeniedException", message=said)
    aws.faults.add(fault)


def listen(function: str, **more: Any) -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:orders"
    lambda_client().create_event_source_mapping(FunctionName=function, EventSourceArn=queue, **more)


def test_nobody_is_proven_when_all_three_places_are_empty(gateway: Gateway, function: str) -> None:
    found = gateway.callers_of_latest(function)
    assert (found.callers, found.unreadable) == ((), ())


@pytest.mark.parametrize("spelled", ["checkout", "checkout:$LATEST"])
def test_event_source_mapping_is_a_caller(gateway: Gateway, function: str, spelled: str) -> None:
    listen(spelled, Enabled=False)
    (caller,) = gateway.callers_of_latest(function).callers
    assert caller.endswith("(Disabled) from arn:aws:sqs:us-east-1:123456789012:orders")


def test_event_source_mapping_of_an_alias_does_not_count(gateway: Gateway, function: str) -> None:
    listen("checkout:live")
    assert gateway.callers_of_latest(function) == LatestCallers()


def test_all_pages_of_event_source_mappings_are_read(gateway: Gateway, function: str) -> None:
    for _ in range(101):
        listen(function)
    assert len(gateway.callers_of_latest(function).callers) == 101


def test_resource_policy_of_the_bare_function_names_a_caller(
    gateway: Gateway, function: str
) -> None:
    allow()
    found = gateway.callers_of_latest(function)
    assert found.callers == ("resource policy orders-bucket allows s3.amazonaws.com",)
    assert found.unreadable == ()


def test_permission_to_call_an_alias_does_not_count(gateway: Gateway, function: str) -> None:
    allow(Qualifier="live")
    assert gateway.callers_of_latest(function) == LatestCallers()


def test_function_url_of_the_bare_function_is_a_caller(gateway: Gateway, function: str) -> None:
    lambda_client().create_function_url_config(FunctionName=function, AuthType="AWS_IAM")
    (caller,) = gateway.callers_of_latest(function).callers
    assert caller.startswith("function URL https://")
    assert caller.endswith("(AWS_IAM)")


@pytest.mark.parametrize(
    "operation", ["ListEventSourceMappings", "GetPolicy", "GetFunctionUrlConfig"]
)
def test_answer_that_cannot_be_read_is_not_proof(
    gateway: Gateway, aws: AwsSandbox, function: str, operation: str
) -> None:
    refuse(aws, operation)
    found = gateway.callers_of_latest(function)
    assert found.callers == ()
    assert "AccessDeniedException: User is not authorized" in found.unreadable[0]


def test_throttling_is_to_be_tried_again_rather_than_counted(
    gateway: Gateway, aws: AwsSandbox, function: str
) -> None:
    aws.faults.add(Fault("GetPolicy", "error", status=429, times=2))
    with pytest.raises(errors.Throttled):
        gateway.callers_of_latest(function)
