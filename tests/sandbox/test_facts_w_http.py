"""The wire below the protocol: whatever comes in, JSON goes out and nothing hangs (facts W)."""

import json
import logging
import socket
from typing import Any

import pytest

from sandbox.aws import zip_of
from sandbox.aws.operations import OPERATIONS
from tests.sandbox.cloud import Cloud, refused

SIGNED = (
    "Authorization: AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/lambda/aws4_request, "
    "SignedHeaders=host, Signature=x"
)
FUNCTIONS = "/2015-03-31/functions"


def raw(cloud: Cloud, start: str, *headers: str, body: bytes = b"") -> tuple[int, Any, str]:
    """The status, JSON and error type of an answer, which ends with the connection."""
    head = "\r\n".join((f"{start} HTTP/1.1", "Host: localhost", SIGNED, *headers, "", ""))
    host, port = cloud.sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    told, _, content = answer.partition(b"\r\n\r\n")
    lines = told.decode().split("\r\n")
    types = [line.partition(": ")[2] for line in lines if line.startswith("x-amzn-ErrorType")]
    return int(lines[0].split()[1]), json.loads(content), "".join(types)


def published(cloud: Cloud, body: bytes) -> tuple[int, Any, str]:
    """What PublishVersion answers to a body."""
    url = f"POST {FUNCTIONS}/{cloud.function()}/versions"
    return raw(cloud, url, f"Content-Length: {len(body)}", "Connection: close", body=body)


DEEP = b'{"Description": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
NOT_JSON = [DEEP, b"\xff{}", b'{"Description": "\\ud800"}', b'{"Description": "\xed\xa0\x80"}']


@pytest.mark.parametrize("body", NOT_JSON, ids=["deep", "not UTF-8", "lone escape", "lone bytes"])
def test_what_is_not_json_is_a_serialization_exception(cloud: Cloud, body: bytes) -> None:
    status, _, kind = published(cloud, body)
    assert (status, kind) == (400, "SerializationException")


def test_characters_beyond_the_first_plane_are_characters(cloud: Cloud) -> None:
    status, answer, _ = published(cloud, b'{"Description": "\\ud83d\\ude80"}')
    assert (status, answer["Description"]) == (201, "\N{ROCKET}")


def test_a_weight_beyond_all_numbers(cloud: Cloud) -> None:
    body = b'{"RoutingConfig": {"AdditionalVersionWeights": {"2": 1%s}}}' % (b"0" * 400)
    url, length = f"PUT {FUNCTIONS}/f/aliases/live", f"Content-Length: {len(body)}"
    assert raw(cloud, url, length, "Connection: close", body=body)[0] == 400


def test_a_name_that_is_no_text(cloud: Cloud) -> None:
    body = b'{"FunctionName": "\xff"}'
    length = f"Content-Length: {len(body)}"
    status, _, kind = raw(cloud, f"POST {FUNCTIONS}", length, "Connection: close", body=body)
    assert (status, kind) == (400, "SerializationException")


NULLS = [
    ("aliases/live", {"RoutingConfig": {"AdditionalVersionWeights": {"2": None}}}, "{2=null}"),
    ("configuration", {"FileSystemConfigs": [None]}, "[null]"),
]


@pytest.mark.parametrize(("path", "given", "shown"), NULLS)
def test_nulls_that_boto_would_not_send(
    cloud: Cloud, path: str, given: dict[str, Any], shown: str
) -> None:
    body = json.dumps(given).encode()
    headers = [f"Content-Length: {len(body)}", "Connection: close"]
    status, answer, kind = raw(cloud, f"PUT {FUNCTIONS}/f/{path}", *headers, body=body)
    assert (status, kind) == (400, "ValidationException")
    assert answer["message"].startswith(f"1 validation error detected: Value '{shown}' at '")
    assert answer["message"].endswith("Member must not be null]")


MANY = [f"X-Header-{number}: x" for number in range(200)]
REFUSED = [
    ("BREW /2015-03-31/functions", [], 501),
    (f"GET {FUNCTIONS}/{'f' * 70_000}", [], 414),
    (f"GET {FUNCTIONS}", MANY, 431),
    (f"GET {FUNCTIONS}", [f"X-Long: {'x' * 70_000}"], 431),
    (f"POST {FUNCTIONS}", ["Content-Length: abc"], 400),
    (f"POST {FUNCTIONS}", ["Content-Length: -1"], 400),
]


@pytest.mark.parametrize(("start", "headers", "status"), REFUSED)
def test_bad_http_is_refused_in_json_and_closed(
    cloud: Cloud, start: str, headers: list[str], status: int
) -> None:
    found, answer, kind = raw(cloud, start, *headers)
    assert (found, kind) == (status, "InvalidRequestException")
    assert answer["Message"]


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-5\r\n", b"\r\n", b"5\r\nabcde"])
def test_bad_chunks_are_refused_and_closed(cloud: Cloud, chunk: bytes) -> None:
    chunked = "Transfer-Encoding: chunked"
    body = chunk + b"\r\nzz\r\n"
    status, _, kind = raw(cloud, f"POST {FUNCTIONS}", chunked, body=body)
    assert (status, kind) == (400, "InvalidRequestException")


def test_a_body_that_is_announced_too_large_is_not_waited_for(cloud: Cloud) -> None:
    url = f"PUT {FUNCTIONS}/f/code"
    status, answer, kind = raw(cloud, url, f"Content-Length: {1 << 40}")
    assert (status, kind) == (413, "RequestEntityTooLargeException")
    assert answer["message"].endswith("for the UpdateFunctionCode operation")


def test_a_body_that_is_too_large_is_told_so(cloud: Cloud) -> None:
    call = cloud.lambda_.update_function_code
    refusal = refused(call, FunctionName="f", ZipFile=bytes(60 << 20))
    assert (refusal.status, refusal.code) == (413, "RequestEntityTooLargeException")
    assert refused(call, FunctionName="nobody", ZipFile=zip_of("b")).status == 404


def test_a_bug_is_a_service_exception(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "ListFunctions", lambda context: {"unwritable": object()})
    monkeypatch.setattr(logging.getLogger("sandbox.aws.front"), "disabled", True)
    refusal = refused(cloud.lambda_.list_functions)
    assert (refusal.status, refusal.code) == (500, "ServiceException")
    assert (refusal.response["Type"], refusal.message) == (
        "Service",
        "An internal error occurred.",
    )
    assert cloud.sandbox.calls.find(operation="ListFunctions")[-1].status == 500
