"""Filter pages of a history of 1,000,000 events, each against the same page at 10,000.

Both histories are as dense, by the same people, on the same functions: the long one goes back a
hundred times as far. Each page comes with its picture, and is asked for in turns, signed in,
through Django's own request handling, on two databases of one server. The ratio is that of the
page that comes off worst. Run it with `python -m benchmarks.audit`; it brings its own PostgreSQL
and Redis, and takes some minutes to write the events.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.diff_page import _seconds, _signed_in
from sandbox.services import services

PAIRS = 21
FEW, MANY = 10_000, 1_000_000
TARGET = 1.3
PAGES = {
    "unfiltered": "",
    "actor": "who=person-3",
    "action": "action=step.done",
    "function": "function=checkout-7",
    "release": "release=R-{release}",
    "environment": "env=place-2",
    "time": "from={from_}&to={to}",
    "common word": "q=nothing",
    "rare words": "q=retries+on+429",
    "actor, action": "who=person-3&action=step.done",
    "actor, function": "who=person-3&function=checkout-7",
    "actor, action that never meet": "who=person-3&action=release.released",
    "function, time, word": "function=checkout-7&from={from_}&q=step",
    "one click": "request={request}",
}
# One event every 86 s, eight a release. Rare words: a hundred times, however long the history is.
FILL = """
INSERT INTO releases_auditevent (
    at, actor_id, actor_name, actor_role, action, sentence, release_id, function_id, function_name,
    environment_id, environment_name, objects_named, data, aws_request_ids, request_id, address,
    user_agent, cluster, xid
) SELECT
    now() - (%(count)s - i) * interval '86 seconds', i %% 20, 'person-' || i * 7 %% 20, 'developer',
    (ARRAY['step.started', 'step.done', 'release.queued', 'release.approved', 'release.released',
        'function.read', 'person.signed_in', 'release.requested', 'step.waiting', 'step.noted'])
        [1 + i * 3 %% 10],
    'person-' || i * 7 %% 20 || ' took step ' || i %% 7 || ' of R-' || i / 8 || ' of checkout-'
        || i / 8 %% 300 || CASE WHEN i %% (%(count)s / 100) = 0 THEN ': retries on 429'
        ELSE ': nothing new' END,
    i / 8, i / 8 %% 300, 'checkout-' || i / 8 %% 300, %(first)s + i / 8 %% 4,
    'place-' || i / 8 %% 4, '[]', '{"verb": "take"}', '{}', md5((i / 3)::text)::uuid, '192.0.2.7',
    'Browser', 1, 1
FROM generate_series(1::bigint, %(count)s) AS i
"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename = 'releases_auditevent' AND indexname <> 'releases_auditevent_pkey'
"""


def main() -> None:
    """Measure PAIRS pairs of each page, alternating, and print medians and the worst ratio."""
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
        worst = measure()
    print(f"ratio: {worst:.2f} (target <= {TARGET})")


def measure() -> float:
    """The worst ratio of the pages."""
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client, first = _signed_in(), _environments()
    few, many = _both(connections)
    asked = {}
    for connection, count in ((few, FEW), (many, MANY)):
        connections["default"] = connection
        asked[count] = _filled(connection, count, first)
    return max(_page(client, connections, (few, many), name, asked) for name in PAGES)


def _page(client: Any, connections: Any, both: Any, name: str, asked: Any) -> float:
    times: tuple[list[float], list[float]] = ([], [])
    # The first two warm up.
    for _ in range(PAIRS + 2):
        for connection, count, spent in zip(both, (FEW, MANY), times, strict=True):
            connections["default"] = connection
            spent.append(_seconds(client, f"/audit/?{PAGES[name].format(**asked[count])}"))
    few, many = (statistics.median(each[2:]) for each in times)
    print(f"{name:30} {few * 1000:6.1f} ms {many * 1000:6.1f} ms  {many / few:.2f}")
    return many / few


def _environments() -> int:
    from tests.factories import EnvironmentFactory

    return min(EnvironmentFactory.create(name=f"place-{number}").pk for number in range(4))


def _both(connections: Any) -> tuple[Any, Any]:
    """Connections to two copies of the database as it stands."""
    many = connections["default"]
    settings = dict(many.settings_dict)
    many.close()
    few = connections.create_connection("default")
    few.settings_dict = settings | {"NAME": "few"}
    with many._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE few TEMPLATE "{settings["NAME"]}"')
    return few, many


def _filled(connection: Any, count: int, first: int) -> dict[str, str]:
    """Write the events; returns what the addresses of the pages name."""
    with connection.cursor() as cursor:
        # Much sooner with the indexes made at the end.
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        cursor.execute("DROP INDEX " + ", ".join(name for name, _ in indexes))
        cursor.execute(FILL, {"count": count, "first": first})
        cursor.execute("; ".join(definition for _, definition in indexes))
        cursor.execute("VACUUM ANALYZE releases_auditevent")
        cursor.execute(
            "SELECT release_id, request_id, at FROM releases_auditevent"
            " ORDER BY id DESC OFFSET %s LIMIT 1",
            [FEW // 2],
        )
        release, request, at = cursor.fetchone()
    return {
        "release": str(release),
        "request": str(request),
        "from_": f"{at:%Y-%m-%d}",
        "to": f"{at:%Y-%m-%dT%H:%M}",
    }


if __name__ == "__main__":
    main()
