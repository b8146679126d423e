"""What the history costs a state change: placing and ending a hold, with the event and without.

In turns, each as a person's click sent through Django's own request handling. Without: all is
done but the INSERT of the event, with its trigger and its indexes. Run it with
`python -m benchmarks.audit_cost`; it brings its own PostgreSQL and Redis.
"""

from __future__ import annotations

import os
import statistics
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from unittest.mock import patch

from benchmarks.diff_page import _signed_in
from sandbox.services import services

PAIRS = 101
TARGET = 1.2


def main() -> None:
    """Measure PAIRS pairs, alternating, and print both medians and their ratio."""
    with services(environ={}) as urls:
        os.environ |= urls | {
            "DJANGO_SETTINGS_MODULE": "sandbox.settings",
            "SLUICE_AWS_ENDPOINT": "http://127.0.0.1:9",
        }
        with_event, without = measure()
    ratio = statistics.median(with_event) / statistics.median(without)
    print(f"without the event: {statistics.median(without) * 1000:.1f} ms (median of {PAIRS})")
    print(f"with the event:    {statistics.median(with_event) * 1000:.1f} ms (median of {PAIRS})")
    print(f"ratio: {ratio:.2f} (target <= {TARGET})")


def measure() -> tuple[list[float], list[float]]:
    """Seconds for a hold and its end, with the event and without."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from tests.factories import FunctionFactory

    client, function = _signed_in(), FunctionFactory.create()
    times: tuple[list[float], list[float]] = ([], [])
    # The first five warm up.
    for _ in range(PAIRS + 5):
        for spent, written in zip(times, (True, False), strict=True):
            with nullcontext() if written else _unwritten():
                began = time.perf_counter()
                _held_and_resumed(client, function.pk)
                spent.append(time.perf_counter() - began)
    with_event, without = (each[5:] for each in times)
    return with_event, without


def _unwritten() -> AbstractContextManager[Any]:
    from releases.models import AuditEvent

    return patch.object(AuditEvent.objects, "create", lambda **fields: AuditEvent(**fields))


def _held_and_resumed(client: Any, function: int) -> None:
    from releases.models import Hold

    _post(client, f"/functions/{function}/hold/", {"reason": "Black Friday"})
    held = Hold.objects.filter(function=function).latest("pk")
    _post(client, f"/functions/{function}/resume/", {"reason": "It is over", "seen": held.pk})


def _post(client: Any, address: str, data: dict[str, Any]) -> None:
    answer = client.post(address, data, secure=True, headers={"host": "localhost"})
    assert answer.status_code == 302, (answer.status_code, answer.content[:400])


if __name__ == "__main__":
    main()
