"""Faults: every way a call can go wrong, on demand."""

import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from sandbox.aws import Fault, zip_of
from tests.sandbox.cloud import Cloud, refused

LARGE = b"\0" * 20_000_000 + zip_of("large")


def fault(cloud: Cloud, operation: str, action: Any, **details: Any) -> str:
    return cloud.sandbox.faults.add(Fault(operation, action, **details))


def versions(cloud: Cloud, name: str) -> list[str]:
    rows = cloud.lambda_.list_versions_by_function(FunctionName=name)["Versions"]
    return [row["Version"] for row in rows]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "TooManyRequestsException"),
        (500, "ServiceException"),
        (503, "ServiceUnavailableException"),
    ],
)
def test_a_status_gets_the_exception_that_goes_with_it(
    cloud: Cloud, status: int, code: str
) -> None:
    name = cloud.function()
    fault(cloud, "PublishVersion", "error", status=status)
    refusal = refused(cloud.lambda_.publish_version, FunctionName=name)
    assert (refusal.status, refusal.code) == (status, code)
    assert versions(cloud, name) == ["$LATEST"]


def test_any_error_can_be_had_after_some_calls_and_for_some(cloud: Cloud) -> None:
    name, call = cloud.published(1), cloud.lambda_.publish_version
    fault(cloud, "PublishVersion", "error", code="Odd", message="odd", status=418, skip=1, times=2)
    call(FunctionName=name)
    found = [refused(call, FunctionName=name) for _ in range(2)]
    assert [(f.status, f.code, f.message) for f in found] == [(418, "Odd", "odd")] * 2
    call(FunctionName=name)


def test_an_error_after_the_call_was_applied(cloud: Cloud) -> None:
    name = cloud.function()
    fault(cloud, "PublishVersion", "error", status=500, after=True)
    assert refused(cloud.lambda_.publish_version, FunctionName=name).status == 500
    assert versions(cloud, name) == ["$LATEST", "1"]


@pytest.mark.parametrize(("after", "found"), [(False, ["$LATEST"]), (True, ["$LATEST", "1"])])
def test_a_dropped_connection_before_and_after(cloud: Cloud, after: bool, found: list[str]) -> None:
    name = cloud.function()
    fault(cloud, "PublishVersion", "drop", after=after)
    with pytest.raises(ConnectionClosedError):
        cloud.lambda_.publish_version(FunctionName=name)
    assert versions(cloud, name) == found


def test_a_call_that_hangs_is_never_applied(cloud: Cloud) -> None:
    name = cloud.function()
    fault(cloud, "PublishVersion", "hang", seconds=0.05)
    with pytest.raises(ConnectionClosedError):
        cloud.lambda_.publish_version(FunctionName=name)
    assert versions(cloud, name) == ["$LATEST"]


def test_a_large_upload_is_received_before_it_is_dropped(cloud: Cloud) -> None:
    name = cloud.function()
    fault(cloud, "UpdateFunctionCode", "drop", after=True)
    with pytest.raises(ConnectionClosedError):
        cloud.lambda_.update_function_code(FunctionName=name, ZipFile=LARGE)
    assert cloud.get(name)["CodeSize"] == len(LARGE)


def test_a_late_answer_is_still_an_answer(cloud: Cloud) -> None:
    name = cloud.function()
    fault(cloud, "PublishVersion", "late", seconds=0.1, after=True)
    started = time.perf_counter()
    assert cloud.lambda_.publish_version(FunctionName=name)["Version"] == "1"
    assert time.perf_counter() - started > 0.1


def test_somebody_else_may_be_quicker(cloud: Cloud) -> None:
    name = cloud.function()
    revision = cloud.get(name)["RevisionId"]
    call = {"operation": "UpdateFunctionCode", "parameters": {"ZipFile": zip_of("theirs")}}
    fault(cloud, "PublishVersion", "change", call=call)
    refusal = refused(cloud.lambda_.publish_version, FunctionName=name, RevisionId=revision)
    assert refusal.status == 412
    assert cloud.get(name)["LastUpdateStatus"] == "Successful"


def test_a_fault_of_one_function_spares_the_others(cloud: Cloud) -> None:
    first, second = cloud.function(), cloud.function()
    fault(cloud, "PublishVersion", "error", status=500, function=first)
    assert cloud.lambda_.publish_version(FunctionName=second)["Version"] == "1"
    assert refused(cloud.lambda_.publish_version, FunctionName=first).status == 500


def test_other_services_fail_in_their_own_format(cloud: Cloud) -> None:
    fault(cloud, "AssumeRole", "error", status=403, code="AccessDenied", message="not you")
    refusal = refused(
        cloud.client("sts").assume_role,
        RoleArn="arn:aws:iam::222222222222:role/r",
        RoleSessionName="tests",
    )
    assert (refusal.status, refusal.code, refusal.message) == (403, "AccessDenied", "not you")


def test_an_s3_upload_can_fail(cloud: Cloud) -> None:
    cloud.sandbox.seed.bucket("failing")
    fault(cloud, "PutObject", "error", status=503, code="SlowDown", message="Reduce your rate")
    refusal = refused(cloud.client("s3").put_object, Bucket="failing", Key="k", Body=b"x")
    assert (refusal.status, refusal.code) == (503, "SlowDown")
    cloud.client("s3").put_object(Bucket="failing", Key="k", Body=b"x")


class Publish(threading.Thread):
    """A publish in the background, as a worker's would be."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        super().__init__()
        self.cloud, self.name_of_function, self.dropped = cloud, name, False
        self.start()

    def run(self) -> None:
        try:
            self.cloud.lambda_.publish_version(FunctionName=self.name_of_function)
        except ConnectionClosedError:
            self.dropped = True


@pytest.mark.parametrize(("after", "found"), [(False, ["$LATEST"]), (True, ["$LATEST", "1"])])
def test_a_held_call_waits_on_either_side(cloud: Cloud, after: bool, found: list[str]) -> None:
    name, faults = cloud.function(), cloud.sandbox.faults
    hold = fault(cloud, "PublishVersion", "hold", after=after)
    publish = Publish(cloud, name)
    assert faults.wait_held(hold)
    assert versions(cloud, name) == found
    faults.release(hold)
    publish.join()
    assert versions(cloud, name) == ["$LATEST", "1"]


def test_a_held_call_may_be_dropped_instead(cloud: Cloud) -> None:
    name, faults = cloud.function(), cloud.sandbox.faults
    hold = fault(cloud, "PublishVersion", "hold")
    publish = Publish(cloud, name)
    assert faults.wait_held(hold)
    faults.release(hold, apply=False)
    publish.join()
    assert publish.dropped
    assert versions(cloud, name) == ["$LATEST"]


def test_the_log_counts_calls_and_names_their_faults(cloud: Cloud) -> None:
    name = cloud.function()
    fault(cloud, "PublishVersion", "error", status=429)
    refused(cloud.lambda_.publish_version, FunctionName=name)
    cloud.lambda_.publish_version(FunctionName=name)
    calls = cloud.sandbox.calls.find(operation="PublishVersion", function=name)
    assert [(call.status, call.fault) for call in calls] == [(429, "error"), (201, "")]
    assert calls[0].request_id != calls[1].request_id
