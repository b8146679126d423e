"""Who changed a function, asked of CloudTrail."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from releases.aws.errors import AwsError, Throttled
from releases.aws.gateway import Gateway
from releases.aws.trail import PAGE, PAGES
from sandbox.aws import AwsSandbox, Fault, zip_of
from tests.aws.conftest import REGION
from tests.aws.recorder import Recorder

ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"


def since() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=5)


def named(aws: AwsSandbox, user: str) -> Any:
    keys = {"aws_access_key_id": user, "aws_secret_access_key": "x"}
    return boto3.client("lambda", REGION, endpoint_url=aws.url, **keys)  # type: ignore[call-overload]


def test_a_change_is_told_with_who_when_and_which_call(
    aws: AwsSandbox, gateway: Gateway, function: str
) -> None:
    began = datetime.now(UTC) - timedelta(seconds=2)
    answer = named(aws, "alice").update_function_configuration(FunctionName=function, Timeout=9)
    [event] = gateway.changes_of(function, since()).events
    assert (event.who, event.event_name) == ("alice", "UpdateFunctionConfiguration")
    assert event.arn == "arn:aws:iam::123456789012:user/alice"
    assert event.request_id == answer["ResponseMetadata"]["RequestId"]
    assert began <= event.at <= datetime.now(UTC)


def test_a_session_is_told_with_its_role(aws: AwsSandbox, gateway: Gateway) -> None:
    aws.seed.event("UpdateFunctionCode", "checkout", user="Deployer/ci-4711")
    [event] = gateway.changes_of("checkout", since()).events
    assert event.who == "ci-4711 (role Deployer)"


def test_a_function_named_by_its_arn_is_found_too_and_the_newest_comes_first(
    aws: AwsSandbox, gateway: Gateway
) -> None:
    now = datetime.now(UTC)
    for age, function in ((30, ARN), (20, "checkout"), (10, ARN)):
        at = now - timedelta(seconds=age)
        aws.seed.event("PublishVersion", function, user=f"user-{age}", at=at)
    found = gateway.changes_of("checkout", since()).events
    assert [event.who for event in found] == ["user-10", "user-20", "user-30"]


def test_what_changed_nothing_is_not_told(aws: AwsSandbox, gateway: Gateway, function: str) -> None:
    client = named(aws, "alice")
    client.get_function(FunctionName=function)
    client.update_function_code(FunctionName=function, ZipFile=zip_of("x"), DryRun=True)
    with pytest.raises(client.exceptions.PreconditionFailedException):
        client.publish_version(FunctionName=function, RevisionId="wrong")
    client.list_functions()
    assert gateway.changes_of(function, since()).events == ()


def test_other_functions_and_older_changes_are_not_told(aws: AwsSandbox, gateway: Gateway) -> None:
    aws.seed.event("UpdateFunctionCode", "other", user="alice")
    old = datetime.now(UTC) - timedelta(hours=1)
    aws.seed.event("UpdateFunctionCode", "checkout", user="alice", at=old)
    assert gateway.changes_of("checkout", since()).events == ()


def test_a_refusal_to_tell_is_an_answer(aws: AwsSandbox, gateway: Gateway) -> None:
    fault = Fault("LookupEvents", "error", code="AccessDeniedException", status=400)
    aws.faults.add(fault)
    found = gateway.changes_of("checkout", since())
    assert (found.events, found.may_be_read) == ((), False)


def test_other_failures_are_errors_as_everywhere(aws: AwsSandbox, gateway: Gateway) -> None:
    aws.faults.add(Fault("LookupEvents", "error", code="ThrottlingException", status=400, times=9))
    with pytest.raises(Throttled):
        gateway.changes_of("checkout", since())
    aws.faults.clear()
    aws.faults.add(Fault("LookupEvents", "error", status=500, times=9))
    with pytest.raises(AwsError):
        gateway.changes_of("checkout", since())


def test_pages_are_followed_and_bounded(aws: AwsSandbox, gateway: Gateway, log: Recorder) -> None:
    now = datetime.now(UTC)
    for number in range(PAGE * PAGES + 30):
        at = now - timedelta(seconds=number)
        operation = "GetFunction" if number % 100 else "UpdateFunctionCode"
        aws.seed.event(operation, "checkout", user=f"user-{number}", at=at)
    found = gateway.changes_of("checkout", now - timedelta(hours=1)).events
    assert [event.who for event in found] == ["user-0", "user-100"]
    assert len(log.entries) == PAGES + 1
    assert {entry.operation for entry in log.entries} == {"LookupEvents"}
    assert not any(entry.is_write for entry in log.entries)
    assert log.last.request["ResourceName"] == ARN
