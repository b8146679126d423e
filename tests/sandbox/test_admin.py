"""The admin route, as another process uses it."""

import base64
import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from sandbox.aws import zip_of
from tests.sandbox.cloud import Cloud, refused


def ask(cloud: Cloud, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    url = f"{cloud.sandbox.url}/_sandbox/{path}"
    request = urllib.request.Request(url, data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_health(cloud: Cloud) -> None:
    assert ask(cloud, "GET", "health") == {"ok": True}


def test_timing_is_changed_for_later_calls(cloud: Cloud) -> None:
    found = ask(cloud, "PUT", "timing", {"in_progress": 0, "pending": 0})
    assert found == {
        "in_progress": 0, "pending": 0, "publish": 0, "trail": 0, "idle": None, "provisioned": None
    }  # fmt: skip
    assert cloud.get(cloud.create()["FunctionName"])["State"] == "Active"


def test_settle(cloud: Cloud) -> None:
    name = cloud.create()["FunctionName"]
    ask(cloud, "POST", "settle", {"function": name})
    assert cloud.get(name)["State"] == "Active"


def test_a_fault_is_added_described_and_removed(cloud: Cloud) -> None:
    fault = {"operation": "ListFunctions", "action": "error", "status": 500}
    added = ask(cloud, "POST", "faults", fault)["id"]
    refused(cloud.lambda_.list_functions)
    (found,) = ask(cloud, "GET", f"faults/{added}")["faults"]
    assert (found["hits"], found["held"]) == (1, 0)
    assert ask(cloud, "DELETE", "faults")["faults"] == []


def test_a_change_carries_its_bytes_as_base64(cloud: Cloud) -> None:
    name = cloud.function()
    theirs = base64.b64encode(zip_of("theirs")).decode()
    call = {"operation": "UpdateFunctionCode", "parameters": {"ZipFile": theirs}}
    ask(cloud, "POST", "faults", {"operation": "GetFunction", "action": "change", "call": call})
    before = cloud.get(name)["CodeSha256"]
    answer = cloud.lambda_.get_function(FunctionName=name)
    assert answer["Configuration"]["CodeSha256"] != before


def test_calls_after_a_number(cloud: Cloud) -> None:
    cloud.lambda_.list_functions()
    last = ask(cloud, "GET", "calls")["calls"][-1]
    cloud.lambda_.list_functions()
    (call,) = ask(cloud, "GET", f"calls?after={last['number']}&operation=ListFunctions")["calls"]
    assert (call["service"], call["account"], call["status"]) == ("lambda", "123456789012", 200)


def test_functions_can_be_seeded_from_elsewhere(cloud: Cloud) -> None:
    code = {"zip": base64.b64encode(zip_of("elsewhere")).decode()}
    version = {"code": code, "description": "first", "published_at": "2024-05-06T07:08:09+00:00"}
    body = {"name": "elsewhere", "versions": [version], "aliases": {"live": "1"}}
    assert ask(cloud, "POST", "seed/function", body)["result"].endswith(":function:elsewhere")
    found = cloud.get("elsewhere", "live")
    assert (found["Description"], found["LastModified"]) == (
        "first",
        "2024-05-06T07:08:09.000+0000",
    )


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("nonsense", {}, 404),
        ("faults/nobody", {}, 404),
        ("faults", {"surprise": 1}, 400),
        ("faults", {"operation": "*", "action": "explode"}, 400),
        ("timing", {"surprise": 1}, 404),
        ("seed/function", {"surprise": 1}, 400),
    ],
)
def test_nonsense_is_refused(cloud: Cloud, path: str, body: Any, status: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(cloud, "POST", path, body)
    with caught.value as answer:
        assert answer.code == status
