"""When events happened, which must go with the order in which they were sealed.

PostgreSQL's clock says it when the row is written, and transactions are sealed in the order in
which they began: only one that stays open for hours could come before others and yet be later.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from django.db import connection

# As PostgreSQL counts: microseconds, in 64 bits.
HOUR = 3_600_000_000
LONG_AGO = -(2**63)
OF_STRETCH = """
SELECT string_agg(timestamptz_send(e.at), '' ORDER BY s.number)
FROM releases_auditseal s JOIN releases_auditevent e ON e.id = s.event_id
WHERE s.number > %s AND s.number <= %s
"""


@dataclass(frozen=True)
class Times:
    """The first and the last moment of a stretch, all of which one cluster wrote."""

    after: int
    upto: int
    cluster: int
    earliest: int
    latest: int


def moments(sent: bytes) -> array[int]:
    """From what PostgreSQL sends for times, one after the other."""
    found = array("q", sent)
    if sys.byteorder == "little":
        found.byteswap()
    return found


def first_turned_back(moments: array[int]) -> int | None:
    """Which of them is more than an hour before one that stands before it."""
    latest = accumulate(moments, max)
    pairs = enumerate(zip(moments, latest, strict=True))
    return next((at for at, (moment, before) in pairs if moment < before - HOUR), None)


def turned_back(stretches: Iterable[Times]) -> int:
    """The first number that is so by what stands in the stretches before its own, or 0."""
    latest: dict[int, int] = {}
    for each in sorted(stretches, key=lambda each: each.after):
        bound = latest.get(each.cluster, LONG_AGO) - HOUR
        if each.earliest < bound:
            with connection.cursor() as cursor:
                cursor.execute(OF_STRETCH, [each.after, each.upto])
                found = enumerate(moments(bytes(cursor.fetchone()[0])), each.after + 1)
            return next(number for number, moment in found if moment < bound)
        latest[each.cluster] = max(latest.get(each.cluster, LONG_AGO), each.latest)
    return 0
