"""What Sluice adds to a release: from the approval click to the alias moved, against a bare script.

The peer is boto3 doing update → wait → publish → wait → update-alias with AWS's own waiters, with
the same package against the same endpoint, one after the other in pairs. Run it with
`python -m benchmarks.release_overhead`; it brings its own PostgreSQL, Redis and AWS.
"""

from __future__ import annotations

import io
import os
import random
import re
import statistics
import tempfile
import time
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import requests

from sandbox.aws import AwsSandbox, Timing
from sandbox.aws.seed import SeedVersion
from sandbox.processes import free_port
from sandbox.services import services
from sandbox.supervisor import Supervisor

PAIRS = 6
IN_PROGRESS = 1.2
TARGET = 1.0
ACCOUNT, REGION = "123456789012", "eu-west-1"
PASSWORD = "benchmark-only"  # noqa: S105


def package(seed: int) -> bytes:
    """A 2 MB package that is another one for every seed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", f"def handler(event, context):\n    return {seed}\n")
        archive.writestr("data.bin", random.Random(seed).randbytes(2_000_000))  # noqa: S311
    return buffer.getvalue()


def bare_script(aws: Any, name: str, code: bytes) -> float:
    """Seconds that the five calls of a careful script take."""
    began = time.perf_counter()
    aws.update_function_code(FunctionName=name, ZipFile=code)
    aws.get_waiter("function_updated_v2").wait(FunctionName=name)
    version = aws.publish_version(FunctionName=name)["Version"]
    aws.get_waiter("published_version_active").wait(FunctionName=name, Qualifier=version)
    aws.update_alias(FunctionName=name, Name="live", FunctionVersion=version)
    return time.perf_counter() - began


class Browser:
    """A signed-in person, speaking HTTP to the real web server."""

    def __init__(self, base: str, username: str) -> None:
        self.base, self.session = base, requests.Session()
        self.post("/accounts/login/", {"login": username, "password": PASSWORD})

    def token(self, page: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found, "the page has no form"
        return found[1]

    def post(self, path: str, data: dict[str, str], page: str | None = None) -> requests.Response:
        page = page if page is not None else self.get(path)
        data = data | {"csrfmiddlewaretoken": self.token(page)}
        answer = self.session.post(
            self.base + path, data, headers={"Referer": self.base}, timeout=30
        )
        answer.raise_for_status()
        return answer

    def get(self, path: str) -> str:
        answer = self.session.get(self.base + path, timeout=30)
        answer.raise_for_status()
        return answer.text


def through_sluice(aws: Any, manager: Browser, release: Any) -> float:
    """Seconds from the approval click until AWS shows the alias on a new version."""
    from releases.states import ReleaseState

    _until(release, ReleaseState.AWAITING_APPROVAL)
    page = manager.get(f"/releases/{release.pk}/")
    fingerprint = release.rounds.get().fingerprint
    before = aws.get_alias(FunctionName="ours", Name="live")["FunctionVersion"]
    began = time.perf_counter()
    manager.post(f"/releases/{release.pk}/approve/", {"fingerprint": fingerprint}, page)
    while aws.get_alias(FunctionName="ours", Name="live")["FunctionVersion"] == before:
        time.sleep(0.01)
    took = time.perf_counter() - began
    _until(release, ReleaseState.RELEASED)
    return took


def _until(release: Any, state: str) -> None:
    deadline = time.monotonic() + 20
    while release.state != state:
        assert time.monotonic() < deadline, f"{release} is {release.state}: {release.error_message}"
        time.sleep(0.02)
        release.refresh_from_db()


def _request(function: Any, developer: Any, code: bytes) -> Any:
    from releases.actions.create_release import create_release
    from releases.actions.receive_upload import receive_upload
    from releases.audit import Origin
    from releases.pipeline import intake

    here = Origin()
    taken = receive_upload(
        function=function, stream_chunks=[code], name="package.zip", by=developer, origin=here
    )
    intake.read(str(taken.pk))
    taken.refresh_from_db()
    return create_release(function=function, intake=taken, by=developer, origin=here)


def _people_and_function() -> tuple[Any, Any]:
    from accounts.models import Role, User
    from releases.actions.add_function import add_function
    from releases.audit import Origin
    from releases.models import Environment
    from releases.states import Gate

    people = {
        name: User.objects.create_user(name, password=PASSWORD, role=role)
        for name, role in (("developer", Role.DEVELOPER), ("manager", Role.RELEASE_MANAGER))
    }
    production = Environment.objects.create(name="production", account_id=ACCOUNT, region=REGION)
    function = add_function(
        environment=production,
        identifier="ours",
        gate=Gate.REVIEW_FIRST,
        live_alias="live",
        creates_alias=False,
        by=people["manager"],
        origin=Origin(),
    )
    return function, people["developer"]


def main() -> None:
    """Measure PAIRS pairs, alternating, and print both medians and their ratio."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        directory.chmod(0o755)
        server = stack.enter_context(AwsSandbox(0, Timing(in_progress=IN_PROGRESS)))
        for name in ("ours", "theirs"):
            server.seed.function(
                name, account=ACCOUNT, region=REGION, versions=[SeedVersion(code=package(0))],
                aliases={"live": "1"},
            )  # fmt: skip
        os.environ |= stack.enter_context(services(environ={})) | {
            "DJANGO_SETTINGS_MODULE": "sandbox.settings",
            "SLUICE_AWS_ENDPOINT": server.url,
            "ARTIFACT_ROOT": str(directory / "artifacts"),
        }
        ours, theirs = measure(stack, directory, server.url)
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"bare boto3 script:  {statistics.median(theirs):.3f} s (median of {PAIRS})")
    print(f"through Sluice:     {statistics.median(ours):.3f} s (median of {PAIRS})")
    print(f"ratio: {ratio:.2f} (target <= {TARGET})")


def measure(stack: ExitStack, directory: Path, endpoint: str) -> tuple[list[float], list[float]]:
    """Start web and worker, then take the pairs; seconds through Sluice, seconds by script."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    function, developer = _people_and_function()
    port = free_port()
    supervisor = Supervisor(directory, dict(os.environ))
    stack.callback(supervisor.stop, "web", "worker")
    supervisor.start("web", "-m", "config.serve", f"--port={port}")
    supervisor.start("worker", "manage.py", "worker")
    base = f"http://127.0.0.1:{port}"
    supervisor.wait_until(lambda: _answers(base))
    manager = Browser(base, "manager")
    aws = boto3.client(
        "lambda", endpoint_url=endpoint, region_name=REGION,
        aws_access_key_id="testing", aws_secret_access_key="testing",  # noqa: S106
    )  # fmt: skip
    ours, theirs = [], []
    for number in range(1, PAIRS + 1):
        code = package(number)
        theirs.append(bare_script(aws, "theirs", code))
        ours.append(through_sluice(aws, manager, _request(function, developer, code)))
    return ours, theirs


def _answers(base: str) -> bool:
    try:
        return requests.get(f"{base}/healthz/", timeout=1).ok
    except requests.ConnectionError:
        return False


if __name__ == "__main__":
    main()
