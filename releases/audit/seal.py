"""The sealer: chains settled events in the order in which their transactions began.

Writers never wait for it, nor for one another. An event is settled when every transaction that
began before its own has ended: none that would have to stand before it can still appear. Whoever
committed before another began therefore always stands before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from releases.audit import chain
from releases.audit.beginning import beginning
from releases.audit.keys import Keys, audit_keys
from releases.models import AuditSeal

BATCH = 5_000
# One sealer at a time; any number of cron processes may run.
LOCK = 0x51_1C_E5_EA

# Rows that a backup brought along name the cluster that wrote them. All of theirs have ended.
CLUSTERS = """
WITH RECURSIVE found(cluster) AS (
    SELECT min(cluster) FROM releases_auditevent
    UNION ALL
    SELECT (SELECT min(cluster) FROM releases_auditevent e WHERE e.cluster > found.cluster)
    FROM found WHERE found.cluster IS NOT NULL
) SELECT cluster FROM found WHERE cluster IS NOT NULL
"""
NOW = """
SELECT system_identifier, pg_snapshot_xmin(pg_current_snapshot())::text::bigint
FROM pg_control_system()
"""
LAST_OF_CLUSTER = """
SELECT xid, event_id FROM releases_auditseal WHERE cluster = %s ORDER BY number DESC LIMIT 1
"""
# Chosen first and written out then: PostgreSQL may sort what waits, were there very many of them.
SETTLED = f"""
WITH next AS MATERIALIZED (
    SELECT id, xid FROM releases_auditevent
    WHERE cluster = %s AND (xid, id) > (%s, %s) AND xid < %s
      -- Where somebody turned a position back, what comes after it has its seals.
      AND NOT EXISTS (SELECT 1 FROM releases_auditseal WHERE event_id = releases_auditevent.id)
    ORDER BY xid, id LIMIT %s
)
SELECT e.id, e.xid, {chain.digest_of("e")} FROM next JOIN releases_auditevent e USING (id)
ORDER BY e.xid, e.id
"""  # noqa: S608
WRITE = """
COPY releases_auditseal (number, event_id, cluster, xid, format, key_id, link, seal, at) FROM STDIN
"""
NO_LIMIT = 2**63 - 1


@dataclass(frozen=True)
class Position:
    """Up to where the events of one cluster are sealed, and below which transaction they may be."""

    cluster: int
    xid: int
    event_id: int
    horizon: int


def seal(*, batch: int = BATCH) -> int:
    """Seal all that is settled; how many events that was. Raises NoAuditKey."""
    keys, count = audit_keys(), 0
    while True:
        sealed = _seal_batch(keys, batch)
        count += sealed
        if sealed < batch:
            return count


def positions(cursor: CursorWrapper, keys: Keys | None = None) -> list[Position]:
    """Where the sealing of each cluster's events stands; ours last. `keys`: see `beginning`."""
    # First what has ended, then in a statement of its own what to read: the other way round an
    # event could be missed that was committed in between.
    cursor.execute(NOW)
    own, horizon = cursor.fetchone()
    cursor.execute(CLUSTERS)
    clusters = sorted((row[0] for row in cursor.fetchall()), key=lambda each: (each == own, each))
    found = []
    for cluster in clusters:
        cursor.execute(LAST_OF_CLUSTER, [cluster])
        # All of its seals may have been archived, as those of the cluster before a restore are.
        xid, event_id = cursor.fetchone() or beginning(keys).reached.get(cluster, (-1, -1))
        found.append(Position(cluster, xid, event_id, horizon if cluster == own else NO_LIMIT))
    return found


def _seal_batch(keys: Keys, batch: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(chain.SETTINGS)
        rows: list[tuple[Position, int, int, bytes]] = []
        for at in positions(cursor, keys):
            wanted = [at.cluster, at.xid, at.event_id, at.horizon, batch - len(rows)]
            cursor.execute(SETTLED, wanted)
            rows += [(at, *row) for row in cursor.fetchall()]
        seals = list(_seals(keys, rows))
        # COPY: after an upgrade there may be a million to seal.
        with connection.wrap_database_errors, cursor.copy(WRITE) as copy:
            for seal in seals:
                copy.write_row(seal)
        return len(rows)


def _seals(
    keys: Keys, rows: list[tuple[Position, int, int, bytes]]
) -> Iterator[tuple[int | str | bytes | datetime, ...]]:
    """The rows of the seals, in the order of WRITE."""
    head = AuditSeal.objects.order_by("-number").values_list("number", "link").first()
    number, link = (head[0], bytes(head[1])) if head else (0, chain.GENESIS)
    key, now = keys[keys.newest], timezone.now()
    for at, event_id, xid, digest in rows:
        number, link = number + 1, chain.link(link, bytes(digest))
        seal = chain.seal(key, number, link)
        yield number, event_id, at.cluster, xid, chain.FORMAT, keys.newest, link, seal, now
