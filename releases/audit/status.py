"""How it stands with the seals, for pages: how far, how long ago, and what holds them up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Case, When
from django.utils import timezone

from releases.audit.seal import Position, positions
from releases.database_roles import may_change_history
from releases.models import AuditAnchor, AuditCheck, AuditSeal

LATE = timedelta(seconds=60)
# Anchors are kept once an hour.
UNKEPT = timedelta(hours=2)
COUNTED = 1_000
# `infinity`, which only somebody with the owner's rights can write, is no time that Python knows.
FINITE = Case(
    When(at__range=(datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)), then="at")
)

# The transaction that all later ones wait for, by the lock it holds on itself: other roles'
# statements are hidden from us, this is not.
HOLDS_UP = """
SELECT l.pid, a.usename, a.datname, a.application_name, a.xact_start
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
  AND l.pid IS NOT NULL AND l.transactionid::text::bigint = %s
"""
PREPARED = """
SELECT gid, owner, database, prepared FROM pg_prepared_xacts
WHERE transaction::text::bigint = %s
"""


@dataclass(frozen=True)
class SealStatus:
    """`waiting` counts to at most 1,000; `blocker` is a sentence where sealing is held up."""

    sealed: int
    sealed_at: datetime | None
    waiting: int
    waiting_since: datetime | None
    check: AuditCheck | None
    anchor: AuditAnchor | None
    # Since when there are seals behind the last anchor, where anchors are kept.
    unkept_since: datetime | None
    blocker: str
    may_be_changed: bool

    @property
    def is_late(self) -> bool:
        return bool(self.waiting_since and timezone.now() - self.waiting_since > LATE)

    @property
    def is_kept_late(self) -> bool:
        """Whether it is too long ago that the head was kept outside."""
        return bool(self.unkept_since and timezone.now() - self.unkept_since > UNKEPT)


def seal_status() -> SealStatus:
    """A constant number of queries, however long the history is."""
    head = AuditSeal.objects.order_by("-number").values("number", at_time=FINITE).first()
    check, anchor = AuditCheck.objects.first(), AuditAnchor.objects.first()
    with connection.cursor() as cursor:
        at = positions(cursor)
        waiting, since = _waiting(cursor, at)
        late = bool(since and timezone.now() - since > LATE)
        blocker = _blocker(cursor, at[-1].horizon) if late else ""
    return SealStatus(
        sealed=head["number"] if head else 0,
        sealed_at=head["at_time"] if head else None,
        waiting=waiting,
        waiting_since=since,
        check=check,
        anchor=anchor,
        unkept_since=_unkept_since(check, anchor),
        blocker=blocker,
        may_be_changed=may_change_history(),
    )


def _unkept_since(check: AuditCheck | None, anchor: AuditAnchor | None) -> datetime | None:
    if check is None or check.anchor_count is None:
        return None
    unkept = AuditSeal.objects.filter(number__gt=anchor.number if anchor else 0)
    return unkept.order_by("number").values_list(FINITE, flat=True).first()


def _waiting(cursor: CursorWrapper, positions: list[Position]) -> tuple[int, datetime | None]:
    count, since = 0, None
    for at in positions:
        cursor.execute(
            "SELECT count(*), min(at) FROM (SELECT at FROM releases_auditevent e"
            " WHERE e.cluster = %s AND (e.xid, e.id) > (%s, %s)"
            " AND NOT EXISTS (SELECT 1 FROM releases_auditseal s WHERE s.event_id = e.id)"
            " ORDER BY e.xid, e.id LIMIT %s) w",
            [at.cluster, at.xid, at.event_id, COUNTED],
        )
        more, first = cursor.fetchone()
        count += more
        since = min(filter(None, (since, first)), default=None)
    return count, since


def _blocker(cursor: CursorWrapper, horizon: int) -> str:
    """Who keeps the events from being settled. Locks show the low 32 bits of the number."""
    short = horizon % 2**32
    cursor.execute(HOLDS_UP, [short])
    if found := cursor.fetchone():
        pid, role, database, application, began = found
        said = f" ({application})" if application else ""
        open_since = f", open since {began:%Y-%m-%d %H:%M:%S} UTC" if began else ""
        return (
            f"A transaction of {role or 'an unknown role'} in the database {database}{said},"
            f" process {pid}{open_since}, keeps later events from being settled. Let it end, or"
            f" end it with SELECT pg_terminate_backend({pid})."
        )
    cursor.execute(PREPARED, [short])
    if found := cursor.fetchone():
        gid, owner, database, prepared = found
        return (
            f"The prepared transaction “{gid}” of {owner} in the database {database}, of"
            f" {prepared:%Y-%m-%d %H:%M:%S} UTC, keeps later events from being settled: commit it"
            " or roll it back."
        )
    return "Nothing in the database holds sealing up: see whether cron runs, and what it logs."
