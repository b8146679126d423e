"""The code of a function, from the address that GetFunction gave."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from pytest_django.fixtures import Settings

from releases.aws import errors
from releases.aws.downloads import _is_trusted
from releases.aws.gateway import Gateway
from releases.aws.types import FunctionState
from sandbox.aws import AwsSandbox, zip_of
from tests.aws.conftest import TARGET
from tests.aws.recorder import Recorder

S3 = "https://awslambda-us-east-1-tasks.s3.us-east-1.amazonaws.com/snapshots/x?X-Amz-Signature=y"
MEGABYTE = 1 << 20


@pytest.fixture
def state(gateway: Gateway, function: str) -> FunctionState:
    return gateway.get_function(function)


def test_code_is_streamed(gateway: Gateway, state: FunctionState, log: Recorder) -> None:
    assert b"".join(gateway.download_code(state, limit=MEGABYTE)) == zip_of("two")
    assert log.last.request == {"FunctionName": "checkout", "Version": "$LATEST"}
    assert log.last.http_status == 200


def test_code_over_the_limit_is_cut_off(gateway: Gateway, state: FunctionState) -> None:
    with pytest.raises(errors.Permanent, match="larger than 10 bytes"):
        list(gateway.download_code(state, limit=10))


def test_address_that_expired_needs_a_new_one(
    gateway: Gateway, state: FunctionState, log: Recorder
) -> None:
    old = replace(state, code_location=state.code_location.replace("Signature=", "Signature=0"))
    with pytest.raises(errors.Unavailable, match="has expired"):
        gateway.download_code(old, limit=MEGABYTE)
    assert log.last.outcome == "refused"


def test_answer_without_an_address_is_not_found(gateway: Gateway, state: FunctionState) -> None:
    with pytest.raises(errors.NotFound):
        gateway.download_code(replace(state, code_location=""), limit=MEGABYTE)


@pytest.mark.parametrize(
    "address",
    [
        S3,
        "https://prod-iad-tasks.s3.amazonaws.com/x",
        "https://tasks.s3-us-east-1.amazonaws.com/x",
        "https://tasks.s3.dualstack.us-east-1.amazonaws.com/x",
        "https://s3.us-east-1.amazonaws.com/tasks/x",
    ],
)
def test_s3_of_the_partition_is_trusted(address: str) -> None:
    assert _is_trusted(address, region="us-east-1", endpoint="")


@pytest.mark.parametrize(
    "address",
    [
        S3.replace("https", "http"),
        S3.replace("amazonaws.com", "amazonaws.com.cn"),
        S3.replace("amazonaws.com", "amazonaws.com.evil.test"),
        S3.replace("amazonaws.com/", "amazonaws.com:8443/"),
        "https://evil.test@s3.us-east-1.amazonaws.com/x",
        "https://s3.us-east-1.amazonaws.com@evil.test/x",
        "https://evils3.us-east-1.amazonaws.com/x",
        "https://x.execute-api.us-east-1.amazonaws.com/s3",
        "https://s3.elb.amazonaws.com/x",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:8000/x",
        "file:///etc/passwd",
    ],
)
def test_nothing_else_is_opened(
    gateway: Gateway, state: FunctionState, aws: AwsSandbox, settings: Settings, address: str
) -> None:
    settings.SLUICE_AWS_ENDPOINT = ""
    outside = Gateway(TARGET, log=Recorder())
    with pytest.raises(errors.Permanent, match="not one of S3; it was not opened") as caught:
        outside.download_code(replace(state, code_location=address), limit=MEGABYTE)
    assert "//" not in str(caught.value)


def test_china_has_its_own_domain() -> None:
    address = "https://tasks.s3.cn-north-1.amazonaws.com.cn/x"
    assert _is_trusted(address, region="cn-north-1", endpoint="")
    assert not _is_trusted(address, region="us-east-1", endpoint="")


@pytest.mark.parametrize("address", [S3, "http://127.0.0.1:1/x", "https://127.0.0.1:80/x"])
def test_sandbox_opens_only_itself(address: str) -> None:
    assert not _is_trusted(address, region="us-east-1", endpoint="http://127.0.0.1:80")


@contextmanager
def served(answer: bytes) -> Iterator[str]:
    """A server that says exactly this to one request, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    ("answer", "kind", "part"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", errors.Permanent, "redir"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", errors.Unavailable, "answered 500"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", errors.Unavailable, "cut off"),
        (b"", errors.Unavailable, "cut off"),
    ],
)
def test_what_a_bad_server_does_is_said_without_the_address(
    settings: Settings,
    state: FunctionState,
    answer: bytes,
    kind: type[errors.AwsError],
    part: str,
) -> None:
    with served(answer) as url:
        settings.SLUICE_AWS_ENDPOINT = url
        there = replace(state, code_location=f"{url}/code?X-Amz-Signature=s3cret")
        with pytest.raises(kind, match=part) as caught:
            list(Gateway(TARGET, log=Recorder()).download_code(there, limit=MEGABYTE))
    assert "s3cret" not in repr(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
