"""verify(): whether the history is what was sealed, and if not, which event it is not."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

from django.db import connection, transaction

from releases.audit import chain
from releases.audit.anchors import Anchor
from releases.audit.beginning import Beginning, beginning
from releases.audit.faults import explain, unsealed
from releases.audit.keys import Keys, audit_keys
from releases.models import AuditEvent, AuditSeal

CHUNK = 5_000
# PostgreSQL writes the events out, which is most of the work: one connection for each core.
THREADS = min(4, os.cpu_count() or 1)

STRETCH = f"""
SELECT coalesce(string_agg({chain.digest_of("e")}, '' ORDER BY s.number), ''),
       string_agg(s.link, '' ORDER BY s.number),
       string_agg(s.seal, '' ORDER BY s.number),
       string_agg(s.key_id, '' ORDER BY s.number),
       count(e.id), count(*), min(s.format), max(s.format),
       (SELECT link FROM releases_auditseal WHERE number = %(after)s)
FROM releases_auditseal s LEFT JOIN releases_auditevent e ON e.id = s.event_id
WHERE s.number > %(after)s AND s.number <= %(upto)s
"""  # noqa: S608


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
    ends = [*range(at.number, head, CHUNK), head]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="verify") as threads:
        bad: Iterator[Future[int]] = iter(
            [threads.submit(_bad_number, keys, at, after, upto) for after, upto in pairwise(ends)]
        )
        # In order: what comes after a fault says nothing about it.
        number = next((found for each in bad if (found := each.result())), 0)
        threads.shutdown(cancel_futures=True)
    return explain(keys, at, number) if number else ""


def _bad_number(keys: Keys, at: Beginning, after: int, upto: int) -> int:
    """The first number in this stretch that does not hold, or 0."""
    try:
        return _check(keys, at, after, upto)
    finally:
        # Of this thread, which ends without telling Django.
        connection.close()


def _check(keys: Keys, at: Beginning, after: int, upto: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(chain.SETTINGS)
        cursor.execute(STRETCH, {"after": after, "upto": upto})
        row = cursor.fetchone()
    digests, links, seals, key_ids, events, rows, oldest, newest, previous = row
    if events != upto - after or rows != events or oldest != newest or oldest != chain.FORMAT:
        return _first_gap(after, upto)
    previous = at.link if after == at.number else bytes(previous)
    if key_ids == key_ids[:8] * rows:
        key = keys[key_ids[:8]]
        made = chain.followed(key, previous, bytes(digests), after + 1)
        # All at once: what differs is looked for only where anything does.
        if made == (bytes(links), bytes(seals)):
            return 0
    together = zip(
        chain.pieces(bytes(digests)),
        chain.pieces(bytes(links)),
        chain.pieces(bytes(seals)),
        chain.pieces(key_ids.encode(), 8),
        strict=True,
    )
    for number, (digest, link, seal, key_id) in enumerate(together, after + 1):
        if chain.link(previous, digest) != link:
            return number
        if chain.seal(keys[key_id.decode()], number, link) != seal:
            return number
        previous = link
    return 0


def _first_gap(after: int, upto: int) -> int:
    """Where a number is missing, or one whose event is gone or whose format nobody knows."""
    stretch = AuditSeal.objects.filter(number__gt=after, number__lte=upto).order_by("number")
    rows = list(stretch.values_list("number", "event_id", "format"))
    there = set(
        AuditEvent.objects.filter(pk__in=[row[1] for row in rows]).values_list("pk", flat=True)
    )
    for expected, (number, event_id, format) in enumerate(rows, after + 1):
        if number != expected:
            return expected
        if event_id not in there or format != chain.FORMAT:
            return number
    return after + len(rows) + 1


def _against(anchors: Iterable[Anchor], head: int) -> str:
    """What is kept outside must be in the chain, which must not end before it."""
    kept = {anchor.number: anchor for anchor in anchors}
    if not kept:
        return ""
    last = kept[max(kept)]
    if last.number > head:
        return (
            f"The history was cut off: it ends with seal {head}, and {last.place} holds seal"
            f" {last.number}, so that {last.number - head} events are missing at its end."
        )
    found = AuditSeal.objects.filter(pk__in=kept).values_list("number", "link")
    for number, link in sorted(found):
        if bytes(link) != kept[number].link:
            return (
                f"The history was replaced: seal {number} is another one than"
                f" {kept[number].place} holds, though its key is ours."
            )
    return ""
