"""From the rollback click to the alias confirmed, against the two bare AWS calls it makes.

The peer is boto3's GetAlias and UpdateAlias against the same endpoint, in turns. The sandbox
answers each of these calls after LATENCY, about what Lambda's control plane takes from a host in
the same Region; the answer of the click (the redirect) is sent once AWS was read back. The web
process runs alone: there is no worker. Run it with `python -m benchmarks.rollback`; it brings its
own PostgreSQL, Redis and AWS.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3

from benchmarks.release_overhead import ACCOUNT, REGION, Browser, _answers, _people_and_function
from sandbox.aws import AwsSandbox, Fault, Timing
from sandbox.aws.seed import SeedVersion
from sandbox.processes import free_port
from sandbox.services import services
from sandbox.supervisor import Supervisor

PAIRS = 21
LATENCY = 0.06
TARGET = 2.0
CALLS = ("GetAlias", "UpdateAlias")


def main() -> None:
    """Measure PAIRS pairs, alternating, and print both medians and their ratio."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        directory.chmod(0o755)
        server = stack.enter_context(AwsSandbox(0, Timing.instant()))
        for name in ("ours", "theirs"):
            versions = [SeedVersion(description="first"), SeedVersion(description="second")]
            server.seed.function(
                name, account=ACCOUNT, region=REGION, versions=versions, aliases={"live": "2"}
            )
        os.environ |= stack.enter_context(services(environ={})) | {
            "DJANGO_SETTINGS_MODULE": "sandbox.settings",
            "SLUICE_AWS_ENDPOINT": server.url,
            "ARTIFACT_ROOT": str(directory / "artifacts"),
        }
        ours, theirs = measure(stack, directory, server)
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"each AWS call takes {LATENCY * 1000:.0f} ms, no worker runs")
    print(f"GetAlias + UpdateAlias: {statistics.median(theirs) * 1000:.0f} ms (median of {PAIRS})")
    print(f"click to confirmed:     {statistics.median(ours) * 1000:.0f} ms (median of {PAIRS})")
    print(f"ratio: {ratio:.2f} (target <= {TARGET})")


def measure(
    stack: ExitStack, directory: Path, server: AwsSandbox
) -> tuple[list[float], list[float]]:
    """Start the web process alone, then take the pairs; seconds by click, seconds by script."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    function, _ = _people_and_function()
    # Both versions are known good, so that nobody has to be asked.
    function.versions.update(was_live_when_added=True)
    base = _web(stack, directory)
    manager = Browser(base, "manager")
    aws = boto3.client(
        "lambda", endpoint_url=server.url, region_name=REGION,
        aws_access_key_id="testing", aws_secret_access_key="testing",  # noqa: S106
    )  # fmt: skip
    for call in CALLS:
        server.faults.add(Fault(call, "late", seconds=LATENCY, times=100_000))
    by_hand(aws, "1"), by_click(aws, manager, function, 1)
    by_hand(aws, "2"), by_click(aws, manager, function, 2)
    pairs = [
        (by_click(aws, manager, function, 1 + turn % 2), by_hand(aws, str(1 + turn % 2)))
        for turn in range(PAIRS)
    ]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def by_hand(aws: Any, version: str) -> float:
    """Seconds of the two calls that move an alias and notice who else does."""
    began = time.perf_counter()
    alias = aws.get_alias(FunctionName="theirs", Name="live")
    aws.update_alias(
        FunctionName="theirs", Name="live", FunctionVersion=version,
        RevisionId=alias["RevisionId"], RoutingConfig={"AdditionalVersionWeights": {}},
    )  # fmt: skip
    return time.perf_counter() - began


def by_click(aws: Any, manager: Browser, function: Any, version: int) -> float:
    """Seconds of the click alone: the sheet was open before."""
    from releases.actions.roll_back import seen_of

    function.refresh_from_db()
    seen = seen_of(function)
    page = manager.get(f"/functions/{function.pk}/roll-back/?to={version}")
    data = {
        "csrfmiddlewaretoken": manager.token(page),
        "to": str(version),
        "reason": "Benchmark",
        "seen_live": str(seen.live_version),
        "seen_rollback": str(seen.rollback),
    }
    began = time.perf_counter()
    answer = manager.session.post(
        f"{manager.base}/functions/{function.pk}/roll-back/", data,
        headers={"Referer": manager.base}, timeout=30, allow_redirects=False,
    )  # fmt: skip
    took = time.perf_counter() - began
    assert answer.status_code == 302, answer.text[-2000:]
    now = aws.get_alias(FunctionName="ours", Name="live")["FunctionVersion"]
    assert now == str(version), now
    return took


def _web(stack: ExitStack, directory: Path) -> str:
    port = free_port()
    supervisor = Supervisor(directory, dict(os.environ))
    stack.callback(supervisor.stop, "web")
    supervisor.start("web", "-m", "config.serve", f"--port={port}")
    base = f"http://127.0.0.1:{port}"
    supervisor.wait_until(lambda: _answers(base))
    return base


if __name__ == "__main__":
    main()
