"""What a call to the sandbox's Lambda costs, against moto's server and a limit of 3 ms.

Both servers run in processes of their own and are asked the same things over one kept connection
each, in turns, past boto3, whose own work would hide the difference. Run it with
`python -m benchmarks.sandbox_calls`; it brings its own servers.
"""

from __future__ import annotations

import http.client
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import DEVNULL, Popen
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.aws import AwsSandbox, SeedVersion, Timing, zip_of
from sandbox.processes import free_port

LIMIT = 0.003
SEED_LIMIT = 10.0
ROUNDS = 300
REGION = "us-east-1"
FUNCTIONS = "/2015-03-31/functions"
ASKED = {
    "GetFunction": ("GET", f"{FUNCTIONS}/subject", ""),
    "GetAlias": ("GET", f"{FUNCTIONS}/subject/aliases/live", ""),
    "UpdateFunctionConfiguration": ("PUT", f"{FUNCTIONS}/subject/configuration", '{"Timeout": 9}'),
    "PublishVersion": ("POST", f"{FUNCTIONS}/subject/versions", "{}"),
    "UpdateAlias": ("PUT", f"{FUNCTIONS}/subject/aliases/live", '{"FunctionVersion": "1"}'),
    "ListVersionsByFunction": ("GET", f"{FUNCTIONS}/subject/versions?MaxItems=50", ""),
    "ListFunctions": ("GET", f"{FUNCTIONS}/?MaxItems=50", ""),
}


class Peer:
    """One server and a connection to it that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers: dict[str, dict[str, str]] = {}

    def ask(self, method: str, path: str, body: str) -> int:
        self._connection.request(method, path, body or None, self._signed(method, path, body))
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def _signed(self, method: str, path: str, body: str) -> dict[str, str]:
        """Signed once a request: signatures are the client's work."""
        known = self._headers.get(method + path)
        if known is None:
            request = AWSRequest(method, f"http://127.0.0.1:{self._port}{path}", data=body)
            request.headers["Content-Type"] = "application/json"
            SigV4Auth(Credentials("testing", "testing"), "lambda", REGION).add_auth(request)
            known = self._headers[method + path] = dict(request.headers.items())
        return known

    def timed(self, operation: str) -> float:
        began = time.perf_counter()
        status = self.ask(*ASKED[operation])
        assert status < 400, (operation, status)
        return time.perf_counter() - began


@contextmanager
def served(*command: str) -> Iterator[Peer]:
    """A server in a process of its own, with one function of 50 versions and an alias."""
    port = free_port()
    line = [sys.executable, *command, str(port)]
    with Popen(line, stdout=DEVNULL, stderr=DEVNULL) as process:
        try:
            peer = _answering(port)
            _furnish(port)
            yield peer
        finally:
            process.terminate()


def _answering(port: int) -> Peer:
    for _ in range(300):
        peer = Peer(port)
        try:
            peer.ask("GET", f"{FUNCTIONS}/", "")
        except OSError:
            time.sleep(0.1)
        else:
            return peer
    raise TimeoutError("a server did not start")


def _furnish(port: int) -> None:
    keys: dict[str, Any] = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    url = f"http://127.0.0.1:{port}"
    role = boto3.client("iam", REGION, endpoint_url=url, **keys).create_role(
        RoleName="benchmark", AssumeRolePolicyDocument="{}"
    )["Role"]["Arn"]
    client = boto3.client("lambda", REGION, endpoint_url=url, **keys)
    about: dict[str, Any] = {"Runtime": "python3.12", "Role": role, "Handler": "index.handler"}
    for name in ("subject", *(f"other-{n}" for n in range(49))):
        client.create_function(FunctionName=name, Code={"ZipFile": zip_of(name)}, **about)
    client.get_waiter("function_active_v2").wait(FunctionName="subject")
    for number in range(50):
        client.update_function_code(FunctionName="subject", ZipFile=zip_of(str(number)))
        client.publish_version(FunctionName="subject")
    client.create_alias(FunctionName="subject", Name="live", FunctionVersion="1")


def seconds_to_seed() -> float:
    """200 functions with 50 versions each, through the Python API."""
    with AwsSandbox(timing=Timing.instant()) as sandbox:
        began = time.perf_counter()
        for number in range(200):
            versions = [SeedVersion(zip_of(f"{number} {n}")) for n in range(50)]
            sandbox.seed.function(f"many-{number}", versions=versions)
        return time.perf_counter() - began


def medians(peers: list[Peer], operation: str) -> list[float]:
    """Seconds a call, of each peer, asked in turns."""
    times = [[peer.timed(operation) for peer in peers] for _ in range(ROUNDS)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


def main() -> None:
    ours = served("manage.py", "sandbox", "aws", "--in-progress", "0", "--port")
    theirs = served("-m", "moto.server", "-H", "127.0.0.1", "-p")
    slowest = 0.0
    with ours as sandbox, theirs as moto:
        print(f"{'':30}{'sandbox':>10}{'moto':>10}   (median of {ROUNDS} calls)")
        for operation in ASKED:
            here, there = medians([sandbox, moto], operation)
            slowest = max(slowest, here)
            print(f"{operation:30}{here * 1000:7.2f} ms{there * 1000:7.2f} ms")
    seeding = seconds_to_seed()
    print(f"200 functions with 50 versions each seeded in {seeding:.2f} s (limit {SEED_LIMIT:.0f})")
    print(f"the slowest call against the limit of {LIMIT * 1000:.0f} ms:")
    print(f"ratio: {max(slowest / LIMIT, seeding / SEED_LIMIT):.2f} (target <= 1.0)")


if __name__ == "__main__":
    main()
