"""How many events a second `verify_audit` checks, against the limit of 100,000.

Every event is written out and digested by PostgreSQL, every link and seal made anew in Python, on
as many connections as there are cores. Run it with `python -m benchmarks.verify_audit`; it brings
its own PostgreSQL and Redis, and takes a minute to write and seal the events.
"""

from __future__ import annotations

import os
import statistics
import time

from sandbox.services import services

EVENTS = 200_000
RUNS = 5
LIMIT = 100_000
TARGET = 1.0
# As long as events are: a release of 25 steps, a click that carries a browser's name.
FILL = """
INSERT INTO releases_auditevent (
    at, actor_id, actor_name, actor_role, action, sentence, release_id, function_id, function_name,
    environment_id, environment_name, objects_named, data, aws_request_ids, request_id, address,
    user_agent
) SELECT
    now(), 7, 'manager', 'release_manager', 'step.done',
    'publish of R-' || i / 25 || ' of checkout is done: version 42 has the approved code',
    i / 25, i % 300, 'checkout-' || i % 300, 3, 'production',
    '[{"kind": "version", "id": 7, "name": "42"}]', '{"step": "publish", "detail": "version 42"}',
    '{}', gen_random_uuid(), '192.0.2.7', 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0'
FROM generate_series(1::bigint, %s) AS i
""".replace("%", "%%").replace("%%s", "%s")


def main() -> None:
    """Measure RUNS checks of EVENTS sealed events and print the median rate."""
    with services(environ={}) as urls:
        os.environ |= urls | {"DJANGO_SETTINGS_MODULE": "sandbox.settings"}
        rate = EVENTS / statistics.median(measure())
    print(f"checked: {rate:,.0f} events a second (median of {RUNS}, {EVENTS:,} events)")
    print(f"ratio: {LIMIT / rate:.2f} (target <= {TARGET})")


def measure() -> list[float]:
    """Seconds for each check."""
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    from releases.audit.seal import seal
    from releases.audit.verify import verify

    with connection.cursor() as cursor:
        cursor.execute(FILL, [EVENTS])
    _clean_up("releases_auditevent")
    began = time.perf_counter()
    assert seal() == EVENTS
    print(f"sealed:  {EVENTS / (time.perf_counter() - began):,.0f} events a second")
    _clean_up("releases_auditseal")
    spent = []
    for _ in range(RUNS):
        began = time.perf_counter()
        found = verify()
        spent.append(time.perf_counter() - began)
        assert (found.sealed, found.fault) == (EVENTS, "")
    return spent


def _clean_up(table: str) -> None:
    """What autovacuum would do within a minute, and while the checks are measured."""
    from django.db import connection

    from releases.database_roles import as_owner

    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {table}")


if __name__ == "__main__":
    main()
