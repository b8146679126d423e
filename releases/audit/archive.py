"""archive(): move the oldest part of the history into a file, and say in the history that it went.

Only as the owner of the tables: the application cannot delete.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from releases.audit import segments
from releases.audit.anchors import anchor_place, kept
from releases.audit.beginning import SAID, Beginning, beginning, signature
from releases.audit.keys import Keys, audit_keys
from releases.audit.record import record
from releases.audit.seal import LOCK
from releases.audit.segments import Segment
from releases.audit.verify import verify
from releases.database_roles import as_owner
from releases.errors import SluiceError
from releases.models import AuditEvent, AuditSeal

# By name: the third trigger of events goes on writing down their transaction.
STAYS = (("releases_auditevent", "audit_rows_stay"), ("releases_auditseal", "audit_seals_stay"))
REACHED = """
SELECT DISTINCT ON (cluster) cluster, xid, event_id FROM releases_auditseal
WHERE number <= %s ORDER BY cluster, number DESC
"""


class NotArchived(SluiceError):
    """Nothing was removed; the message says why."""


def archive(*, before: date, to: Path) -> AuditEvent | None:
    """Write what happened before that UTC day to a file in `to`, check it, and remove it here.

    None if there is nothing. Raises NotArchived, SegmentFault, AnchorProblem, NoAuditKey, OSError,
    DatabaseError if DATABASE_OWNER_URL is not the owner's.
    """
    if before > timezone.now().date():
        raise NotArchived(f"{before} is to come: what happens today stays.")
    keys = audit_keys()
    at = beginning(keys)
    segment = _segment(at, datetime.combine(before, time(), UTC))
    if segment is None:
        return None
    _must_be_sound(segment)
    to.mkdir(parents=True, exist_ok=True)
    path = to / f"audit-{segment.after + 1:012d}-{segment.upto:012d}.jsonl.gz"
    segments.write(path, segment)
    if segments.read(path, keys) != segment:
        raise NotArchived(f"{path} does not read as it was written. Nothing was removed.")
    with as_owner(), transaction.atomic():
        said = _said(segment, path, at)
        _remove(segment)
        return _recorded(said, keys)


def _segment(at: Beginning, before: datetime) -> Segment | None:
    """A whole stretch from the beginning on; the newest seal stays, the chain goes on from it."""
    seals = AuditSeal.objects.order_by("number")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(s.number) FROM releases_auditseal s"
            " JOIN releases_auditevent e ON e.id = s.event_id WHERE e.at >= %s",
            [before],
        )
        (stays,) = cursor.fetchone()
    head = seals.last()
    upto = min((stays or head.number) - 1, head.number - 1) if head else 0
    if upto <= at.number:
        return None
    return Segment(at.number, at.link, upto, bytes(seals.get(number=upto).link))


def _must_be_sound(segment: Segment) -> None:
    place = anchor_place()
    outside = kept(place) if place else []
    if not any(anchor.number >= segment.upto for anchor in outside):
        raise NotArchived(
            f"No anchor outside holds number {segment.upto}, so that nobody could prove what is"
            " archived. Set SLUICE_AUDIT_ANCHOR, and let cron keep one."
        )
    if fault := verify(outside).fault:
        raise NotArchived(f"The history is not what was sealed, so all of it stays: {fault}")


def _said(segment: Segment, path: Path, at: Beginning) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(REACHED, [segment.upto])
        reached = {cluster: (xid, event) for cluster, xid, event in cursor.fetchall()}
    merged = {**at.reached, **reached}
    values = (
        segment.upto,
        segment.end.hex(),
        segment.after + 1,
        path.name,
        hashlib.sha256(path.read_bytes()).hexdigest(),
        [[cluster, *merged[cluster]] for cluster in sorted(merged)],
    )
    return dict(zip(SAID, values, strict=True))


def _remove(segment: Segment) -> None:
    """Writers wait meanwhile: nothing may happen while the triggers are off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for table, trigger in STAYS:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        cursor.execute(
            "DELETE FROM releases_auditevent e USING releases_auditseal s"
            " WHERE s.event_id = e.id AND s.number <= %s",
            [segment.upto],
        )
        events = cursor.rowcount
        cursor.execute("DELETE FROM releases_auditseal WHERE number <= %s", [segment.upto])
        if not events == cursor.rowcount == len(segment):
            raise NotArchived(
                f"{events} events were there and not {len(segment)}: nothing was removed."
            )
        for table, trigger in STAYS:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def _recorded(said: dict[str, Any], keys: Keys) -> AuditEvent:
    signed: dict[str, Any] = {
        "key_id": keys.newest,
        "signature": signature(keys[keys.newest], said),
    }
    return record("audit.archived", by=None, **said, **signed)
