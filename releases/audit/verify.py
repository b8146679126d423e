"""verify(): whether the history is what was sealed, and if not, which event it is not."""

from __future__ import annotations

import os
from array import array
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import psycopg
from django.db import connection, transaction

from releases.audit import chain
from releases.audit.anchors import Anchor
from releases.audit.beginning import Beginning, beginning
from releases.audit.faults import explain, unsealed
from releases.audit.keys import Keys, audit_keys
from releases.audit.times import Times, first_turned_back, moments, turned_back
from releases.models import AuditEvent, AuditSeal

CHUNK = 5_000
# PostgreSQL writes the events out, which is most of the work: one connection for each core, and
# one more for while Python follows the chain. More would only take cores from everybody else.
THREADS = min(4, 1 + (os.cpu_count() or 1))

# The events' range is told apart from the join, or PostgreSQL may read the whole history for each
# stretch.
STRETCH = f"""
WITH seals AS MATERIALIZED (
    SELECT number, event_id, cluster, xid, format, key_id, link, seal FROM releases_auditseal
    WHERE number > %(after)s AND number <= %(upto)s
), found AS (
    SELECT seals.*, e.at, (e.cluster, e.xid) = (seals.cluster, seals.xid) AS is_there,
           {chain.digest_by("format", "e")} AS digest
    FROM seals LEFT JOIN (
        SELECT * FROM releases_auditevent
        WHERE id BETWEEN (SELECT min(event_id) FROM seals) AND (SELECT max(event_id) FROM seals)
    ) e ON e.id = seals.event_id
    ORDER BY number
)
SELECT coalesce(string_agg(digest, ''), ''), string_agg(link, ''), string_agg(seal, ''),
       string_agg(key_id, ''),
       string_agg(timestamptz_send(at), ''), min(cluster), max(cluster),
       count(*) FILTER (WHERE is_there), count(*), min(format), max(format),
       (SELECT link FROM releases_auditseal WHERE number = %(after)s)
FROM found
"""  # noqa: S608


@dataclass(frozen=True)
class Walk:
    """What the threads share: which stretches are left, and when those that hold happened."""

    keys: Keys
    at: Beginning
    left: deque[tuple[int, int]]
    times: list[Times] = field(default_factory=list)


@dataclass(frozen=True)
class Verification:
    """How many events are sealed, how many wait to be, and the first fault in a sentence."""

    sealed: int
    waiting: int
    fault: str = ""


def verify(anchors: Iterable[Anchor] = ()) -> Verification:
    """Check every seal against its event, that no event lacks one, and what is kept outside.

    What was archived is not here any more, and not counted. Raises NoAuditKey.
    """
    anchors = list(anchors)
    keys = audit_keys()
    head = AuditSeal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    at = beginning(keys)
    fault = _put_back(at) or _first_fault(keys, at, head) or _against(anchors, head)
    if fault and beginning(keys) != at:
        # Archived meanwhile: what was looked for is in a file by now.
        return verify(anchors)
    with transaction.atomic(), connection.cursor() as cursor:
        waiting, inserted = unsealed(cursor)
    return Verification(sealed=max(head - at.number, 0), waiting=waiting, fault=fault or inserted)


def _put_back(at: Beginning) -> str:
    """What was archived is verified in its file: here it is not looked at, and must not be."""
    found = AuditSeal.objects.filter(number__lte=at.number).order_by("number").first()
    if found is None:
        return ""
    return (
        f"Event {found.event_id} stands at number {found.number}, which is archived: all up to"
        f" number {at.number} was removed from here, so somebody put it there."
    )


def _first_fault(keys: Keys, at: Beginning, head: int) -> str:
    if head < at.number:
        return f"Seal {at.number + 1} is missing: all that came after what was archived is gone."
    # Somebody may have given the last one any number: what is missing is not looked for that far.
    there = AuditSeal.objects.filter(number__gt=at.number).count()
    head = min(head, at.number + there + 1)
    ends = [*range(at.number, head, CHUNK), head]
    # Taken in order: all that comes before the first one with a fault is looked at by somebody.
    walk = Walk(keys, at, deque(pairwise(ends)))
    with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as threads:
        tasks = [threads.submit(_first_bad, walk) for _ in range(THREADS)]
        bad = [number for task in tasks if (number := task.result())]
    if late := turned_back(walk.times):
        bad.append(late)
    return explain(keys, at, min(bad)) if bad else ""


def _first_bad(walk: Walk) -> int:
    """Check one stretch after the other; the first number that does not hold, or 0."""
    try:
        # One transaction and one statement a stretch: each answer waits for its turn in Python.
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(chain.SETTINGS)
            while True:
                try:
                    after, upto = walk.left.popleft()
                except IndexError:
                    return 0
                if number := _check(walk, after, upto):
                    walk.left.clear()
                    return number
    finally:
        # Of this thread, which ends without telling Django.
        connection.close()


def _check(walk: Walk, after: int, upto: int) -> int:
    # Binary: nothing is turned into digits and back.
    wrapped = connection.wrap_database_errors
    with wrapped, psycopg.Cursor[Any](connection.connection) as cursor:
        cursor.execute(STRETCH, {"after": after, "upto": upto}, binary=True)
        (row,) = cursor.fetchall()
    digests, links, seals, key_ids, sent, cluster, other, events, rows, oldest, newest, link = row
    if events != upto - after or rows != events or not {oldest, newest} <= {*chain.FORMATS}:
        gap = _first_gap(after, upto)
        return (after < gap - 1 < upto and _check(walk, after, gap - 1)) or gap
    previous = walk.at.link if after == walk.at.number else link
    if previous is None:
        return after
    if (oldest, cluster) == (newest, other) and key_ids == key_ids[:8] * rows:
        # All at once: what differs is looked for only where anything does.
        made = chain.followed(walk.keys[key_ids[:8]], previous, digests, after + 1, oldest)
        if made == (links, seals):
            return _check_times(walk, after, upto, cluster, moments(sent))
        if rows == 1:
            return upto
    # The format, the key or the cluster changes there, or something does not hold.
    middle = (after + upto) // 2
    return _check(walk, after, middle) or _check(walk, middle, upto)


def _check_times(walk: Walk, after: int, upto: int, cluster: int, found: array[int]) -> int:
    late = first_turned_back(found)
    if late is not None:
        return after + 1 + late
    walk.times.append(Times(after, upto, cluster, min(found), max(found)))
    return 0


def _first_gap(after: int, upto: int) -> int:
    """Where a number is missing, or one whose event is gone or of another transaction than its seal
    says, or whose format nobody knows."""
    stretch = AuditSeal.objects.filter(number__gt=after, number__lte=upto).order_by("number")
    rows = list(stretch.values_list("number", "format", "event_id", "cluster", "xid"))
    events = AuditEvent.objects.filter(pk__in=[row[2] for row in rows])
    there = set(events.values_list("pk", "cluster", "xid"))
    for expected, (number, format, *event) in enumerate(rows, after + 1):
        if number != expected:
            return expected
        if tuple(event) not in there or format not in chain.FORMATS:
            return number
    return after + len(rows) + 1


def _against(anchors: Iterable[Anchor], head: int) -> str:
    """What is kept outside must be in the chain, which must not end before it."""
    # Several of one number are kept where the chain was cut off and grew again: each must agree.
    kept = sorted(anchors, key=lambda anchor: anchor.number)
    if not kept:
        return ""
    last = kept[-1]
    if last.number > head:
        return (
            f"The history was cut off: it ends with seal {head}, and {last.place} holds seal"
            f" {last.number}, so that {last.number - head} events are missing at its end."
        )
    numbers = {anchor.number for anchor in kept}
    found = AuditSeal.objects.filter(pk__in=numbers).values_list("number", "link")
    links = {number: bytes(link) for number, link in found}
    for anchor in kept:
        if links.get(anchor.number, anchor.link) != anchor.link:
            return (
                f"The history was replaced: seal {anchor.number} is another one than"
                f" {anchor.place} holds, though its key is ours."
            )
    return ""
