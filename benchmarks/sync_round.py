"""What a round of the sync costs: 1,000 functions of one Region, in five minutes, at five calls a
second.

Cron's ticks come one after the other, each five seconds later on the clock that Sluice sees; the
jobs they ask for are done at once, against the sandbox, and every control-plane call is counted
there. Forty functions change beforehand and have to be found. Run it with
`python -m benchmarks.sync_round`; it brings its own PostgreSQL, Redis and AWS.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import boto3

from sandbox.aws import AwsSandbox, SeedVersion, Timing, zip_of
from sandbox.services import services

FUNCTIONS, CHANGED = 1000, 40
TICK, ROUND = 5, 300
CALLS_A_SECOND = 5
ACCOUNT, REGION = "123456789012", "eu-west-1"


def name_of(number: int) -> str:
    return f"function-{number:04}"


def seed(server: AwsSandbox) -> None:
    code = zip_of("as it was released")
    for number in range(FUNCTIONS):
        server.seed.function(
            name_of(number), account=ACCOUNT, region=REGION,
            versions=[SeedVersion(code)], aliases={"live": "1"},
        )  # fmt: skip


def adopt() -> None:
    """Sluice knows all of them, as they are."""
    from django.utils import timezone

    from releases.actions.read_function import keep, read
    from releases.audit.aws_calls import gateway_for
    from releases.models import Environment, Function

    production = Environment.objects.create(
        name="production", account_id=ACCOUNT, region=REGION, listed_count=FUNCTIONS
    )
    gateway = gateway_for(production)
    for number in range(FUNCTIONS):
        reading = read(gateway, name_of(number))
        function = Function.objects.create(
            environment=production, name=name_of(number), arn=reading.latest.arn, live_alias="live"
        )
        keep(function, reading, first=True)
        Function.objects.filter(pk=function.pk).update(synced_at=timezone.now())


def change(endpoint: str) -> None:
    aws = boto3.client(
        "lambda", endpoint_url=endpoint, region_name=REGION,
        aws_access_key_id="testing", aws_secret_access_key="testing",  # noqa: S106
    )  # fmt: skip
    for number in range(0, FUNCTIONS, FUNCTIONS // CHANGED):
        aws.update_function_configuration(FunctionName=name_of(number), MemorySize=512)


def go_round(server: AwsSandbox) -> tuple[list[int], list[float]]:
    """Control-plane calls and seconds of work, of each tick of a round."""
    import time_machine
    from django.utils import timezone

    from releases import queues
    from releases.pipeline.poll import poll
    from releases.pipeline.polls import ask_for_polls
    from releases.pipeline.sync import list_environment, read_aliases

    due: list[tuple[Any, Any]] = []
    for name, job in (("poll", poll), ("listing", list_environment), ("aliases", read_aliases)):
        setattr(queues, f"enqueue_{name}", lambda given, job=job: due.append((job, given)))
    began, calls, seconds = timezone.now(), [], []
    for number in range(ROUND // TICK):
        so_far, started = _counted(server), time.perf_counter()
        with time_machine.travel(began + timedelta(seconds=TICK * number), tick=False):
            ask_for_polls(TICK)
            while due:
                job, given = due.pop(0)
                job(given)
        calls.append(_counted(server) - so_far)
        seconds.append(time.perf_counter() - started)
    return calls, seconds


def _counted(server: AwsSandbox) -> int:
    """GetFunction has a bucket of its own, of 100 a second; LookupEvents is CloudTrail's."""
    apart = ("GetFunction", "LookupEvents")
    return sum(call.operation not in apart for call in server.calls.find())


def main() -> None:
    with ExitStack() as stack:
        server = stack.enter_context(AwsSandbox(0, Timing.instant()).start())
        os.environ |= stack.enter_context(services(environ={})) | {
            "DJANGO_SETTINGS_MODULE": "sandbox.settings",
            "SLUICE_AWS_ENDPOINT": server.url,
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        from releases.aws import budget
        from releases.models import Drift

        # The clock of the ticks stands still while they work, and the budget goes by it.
        budget.wait_for_turn = lambda *_, **__: None
        seed(server)
        adopt()
        change(server.url)
        server.calls.clear()
        calls, seconds = go_round(server)
        looked = {call.function for call in server.calls.find() if call.operation == "ListAliases"}
        found = Drift.objects.open().count()
    assert len(looked) == FUNCTIONS, f"only {len(looked)} functions were looked at"
    assert found == CHANGED, f"only {found} of {CHANGED} changes were found"
    assert max(calls) <= CALLS_A_SECOND * TICK, f"{max(calls)} calls in one tick"
    last = max(number for number, count in enumerate(calls) if count)
    allowed = CALLS_A_SECOND * ROUND
    print(f"{FUNCTIONS} functions looked at, {found} of {CHANGED} changes found")
    print(f"control-plane calls:      {sum(calls):6} of {allowed} in {ROUND} s")
    print(f"most calls in one tick:   {max(calls):6} of {CALLS_A_SECOND * TICK} in {TICK} s")
    print(f"the last one after:       {(last + 1) * TICK:6} of {ROUND} s")
    print(f"longest work of a tick:   {max(seconds):6.2f} of {TICK} s")
    worst = max(sum(calls) / allowed, (last + 1) * TICK / ROUND, max(seconds) / TICK)
    print(f"ratio: {worst:.2f} (target <= 1.0)")


if __name__ == "__main__":
    main()
