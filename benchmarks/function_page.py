"""The page of a function with 5,000 versions, against that of one with 50.

Every version came through a release of its own, was live and has its events; all else is the
same. Both pages are asked for in turns, signed in, through Django's own request handling. Run it
with `python -m benchmarks.function_page`; it brings its own PostgreSQL and Redis.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from benchmarks.diff_page import _seconds, _signed_in
from sandbox.services import services

PAIRS = 41
FEW, MANY = 50, 5_000
TARGET = 1.3


def main() -> None:
    """Measure PAIRS pairs, alternating, and print both medians and their ratio."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        directory.chmod(0o755)
        os.environ |= stack.enter_context(services(environ={})) | {
            "DJANGO_SETTINGS_MODULE": "sandbox.settings",
            "SLUICE_AWS_ENDPOINT": "http://127.0.0.1:9",
            "ARTIFACT_ROOT": str(directory / "artifacts"),
        }
        # It fills tables and has them analyzed, which is for their owner.
        os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]
        few, many = measure()
    ratio = statistics.median(many) / statistics.median(few)
    print(f"{FEW} versions:    {statistics.median(few) * 1000:.1f} ms (median of {PAIRS})")
    print(f"{MANY:,} versions: {statistics.median(many) * 1000:.1f} ms (median of {PAIRS})")
    print(f"ratio: {ratio:.2f} (target <= {TARGET})")


def measure() -> tuple[list[float], list[float]]:
    """Seconds of the page with few and with many versions, in turns."""
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client = _signed_in()
    few, many = (f"/functions/{_function(count)}/" for count in (FEW, MANY))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for address in (few, many) * 2:
        _seconds(client, address)
    pairs = [(_seconds(client, few), _seconds(client, many)) for _ in range(PAIRS)]
    older = f"{many}?before={MANY // 2}"
    middle = statistics.median(_seconds(client, older) for _ in range(PAIRS))
    print(f"{MANY:,} versions, a page from the middle: {middle * 1000:.1f} ms")
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _function(count: int) -> int:
    """A function whose versions 1 to `count` were released one after the other."""
    from django.utils import timezone

    from accounts.models import User
    from releases.models import Alias, AuditEvent, LivePeriod, Release, Version
    from tests.factories import FunctionFactory

    function = FunctionFactory.create(name=f"function-{count}", live_version=None)
    manager = User.objects.get(username="manager")
    began = timezone.now() - timedelta(hours=count)
    releases = Release.objects.bulk_create(
        Release(
            function=function, state="released", gate=function.gate, target_alias="live",
            requested_by=manager, version_number=number, description=f"Change {number}",
            finished_at=began + timedelta(hours=number),
        )
        for number in range(1, count + 1)
    )  # fmt: skip
    Version.objects.bulk_create(
        Version(
            function=function, number=each.version_number or 0, code_sha256=f"{each.pk:043d}=",
            code_size=4_000_000, description=each.description, release=each,
            published_at=each.finished_at,
        )
        for each in releases
    )  # fmt: skip
    LivePeriod.objects.bulk_create(
        LivePeriod(
            function=function, number=number, since=began + timedelta(hours=number),
            until=began + timedelta(hours=number + 1) if number < count else None,
        )
        for number in range(1, count + 1)
    )  # fmt: skip
    AuditEvent.objects.bulk_create(
        AuditEvent(
            action="release.released", sentence=f"{each.reference} is released",
            function_id=function.pk, function_name=function.name, release_id=each.pk,
        )
        for each in releases
        for _ in range(5)
    )  # fmt: skip
    Alias.objects.create(function=function, name="live", version=str(count), revision_id="r")
    type(function).objects.filter(pk=function.pk).update(live_version=count)
    return function.pk


if __name__ == "__main__":
    main()
