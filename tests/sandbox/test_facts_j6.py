"""Idle functions become Inactive; a call, which fails, or an update wakes them (facts J6)."""

import time
from typing import Any

import pytest

from sandbox.aws import Fault, Timing, zip_of
from tests.sandbox.cloud import Cloud, refused

VPC = {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}


@pytest.fixture
def asleep(cloud: Cloud) -> str:
    cloud.sandbox.seed.function("asleep", state="Inactive", configuration=VPC)
    return "asleep"


def states(cloud: Cloud, name: str) -> tuple[str, str]:
    found = cloud.get(name)
    return found["State"], found.get("StateReasonCode", "")


def test_a_function_with_a_network_that_nobody_calls_becomes_inactive(cloud: Cloud) -> None:
    cloud.sandbox.timing = Timing(in_progress=0, idle=0.05)
    name = cloud.function(**VPC)
    assert states(cloud, name) == ("Active", "")
    time.sleep(0.06)
    assert states(cloud, name) == ("Inactive", "Idle")
    assert cloud.get(name)["LastUpdateStatus"] == "Successful"


def test_a_call_keeps_it_active(cloud: Cloud) -> None:
    cloud.sandbox.timing = Timing(in_progress=0, idle=1.5)
    name = cloud.function(**VPC)
    for _ in range(2):
        time.sleep(0.8)
        assert cloud.lambda_.invoke(FunctionName=name)["StatusCode"] == 200
    assert states(cloud, name) == ("Active", "")


def test_a_function_that_holds_nothing_is_never_idle(cloud: Cloud) -> None:
    name = cloud.function()
    cloud.sandbox.timing = Timing(in_progress=0, idle=0.0)
    assert states(cloud, name) == ("Active", "")


def test_the_first_call_fails_and_wakes_it(cloud: Cloud, asleep: str) -> None:
    refusal = refused(cloud.lambda_.invoke, FunctionName=asleep)
    assert (refusal.status, refusal.code) == (502, "ResourceNotReadyException")
    assert states(cloud, asleep) == ("Pending", "Restoring")
    assert refused(cloud.lambda_.invoke, FunctionName=asleep).code == "ResourceNotReadyException"
    cloud.settle(asleep)
    assert states(cloud, asleep) == ("Active", "")
    answer = cloud.lambda_.invoke(FunctionName=asleep)
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")


def test_while_it_wakes_nothing_can_be_changed(cloud: Cloud, asleep: str) -> None:
    refused(cloud.lambda_.invoke, FunctionName=asleep)
    call = cloud.lambda_.update_function_code
    refusal = refused(call, FunctionName=asleep, ZipFile=zip_of("b"))
    assert (refusal.status, refusal.message.rpartition(": ")[2]) == (409, "Pending")


def test_what_cannot_be_restored_is_inactive_again(cloud: Cloud, asleep: str) -> None:
    reason: dict[str, Any] = {"message": "No free address.", "code": "SubnetOutOfIPAddresses"}
    cloud.sandbox.faults.add(Fault("Invoke", "fail_update", **reason))
    refused(cloud.lambda_.invoke, FunctionName=asleep)
    cloud.settle(asleep)
    found = cloud.get(asleep)
    assert states(cloud, asleep) == ("Inactive", "SubnetOutOfIPAddresses")
    assert (found["StateReason"], found["LastUpdateStatus"]) == ("No free address.", "Successful")


def test_an_update_is_let_through_and_makes_it_active(cloud: Cloud, asleep: str) -> None:
    cloud.lambda_.update_function_code(FunctionName=asleep, ZipFile=zip_of("b"))
    assert states(cloud, asleep)[0] == "Inactive"
    cloud.settle(asleep)
    assert states(cloud, asleep) == ("Active", "")


def test_an_update_that_fails_leaves_it_inactive(cloud: Cloud, asleep: str) -> None:
    cloud.sandbox.faults.add(Fault("UpdateFunctionCode", "fail_update"))
    cloud.lambda_.update_function_code(FunctionName=asleep, ZipFile=zip_of("b"))
    cloud.settle(asleep)
    assert states(cloud, asleep) == ("Inactive", "Idle")
    assert cloud.get(asleep)["LastUpdateStatus"] == "Failed"


def test_an_inactive_function_can_be_published(cloud: Cloud, asleep: str) -> None:
    assert cloud.lambda_.publish_version(FunctionName=asleep)["Version"] == "1"


def test_an_idle_version_becomes_inactive_by_itself(cloud: Cloud) -> None:
    name = cloud.function(**VPC)
    cloud.lambda_.publish_version(FunctionName=name)
    cloud.sandbox.timing = Timing(in_progress=0, idle=0.0)
    assert cloud.get(name, "1")["State"] == "Inactive"


@pytest.mark.parametrize(("kind", "status"), [("Event", 202), ("DryRun", 204)])
def test_calls_are_answered_by_their_kind(cloud: Cloud, kind: str, status: int) -> None:
    call = cloud.lambda_.invoke
    name = cloud.function()
    assert call(FunctionName=name, InvocationType=kind, Payload=b"x")["StatusCode"] == status


def test_a_pending_function_cannot_be_called(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.invoke, FunctionName=cloud.create()["FunctionName"])
    assert (refusal.status, refusal.code) == (409, "ResourceConflictException")
    assert refusal.message.endswith("The function is currently in the following state: Pending")
