"""How busy the history was: the events that a filter finds, counted by minute, hour or day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from releases.audit.search import Found

BARS_MOST = 31
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WIDTHS = (
    *(MINUTE * many for many in (1, 2, 5, 10, 30)),
    *(HOUR * many for many in (1, 2, 6, 12)),
    *(DAY * many for many in (1, 2, 7, 28, 91, 364, 3640)),
)
# A Monday: what is counted by weeks begins on one.
COUNTED_FROM = "2001-01-01T00:00:00Z"
SQL = """
WITH found AS MATERIALIZED ({found}),
span AS (SELECT min(at) AS first, max(at) AS last FROM found),
chosen AS (
    SELECT min(width) AS width FROM span, unnest(%s::interval[]) AS width
    WHERE date_bin(width, last, %s) - date_bin(width, first, %s) < width * %s
)
SELECT width, date_bin(width, at, %s) AS begins, count(*), first
FROM found, chosen, span GROUP BY 1, 2, 4 ORDER BY 2
"""


@dataclass(frozen=True)
class Bar:
    begins: datetime
    ends: datetime
    count: int


@dataclass(frozen=True)
class Activity:
    """Bars of one width without gaps, oldest first; all that was found, or the newest of it."""

    width: timedelta
    bars: list[Bar]
    first: datetime
    is_cut: bool

    @property
    def count(self) -> int:
        return sum(bar.count for bar in self.bars)

    @property
    def highest(self) -> int:
        return max(bar.count for bar in self.bars)


def activity(found: Found) -> Activity | None:
    """Count what was found, the newest `countable` at most; None if there is nothing. One query.

    So a picture costs the same however long the history is.
    """
    counted = found.events.values("at")[: found.countable]
    if counted.query.is_empty():
        return None
    inner, parameters = counted.query.sql_with_params()
    weeks = [COUNTED_FROM] * 2
    with connection.cursor() as cursor:
        sql = SQL.format(found=inner)
        cursor.execute(sql, [*parameters, list(WIDTHS), *weeks, BARS_MOST, COUNTED_FROM])
        rows = cursor.fetchall()
    if not rows:
        return None
    width, begins, _, first = rows[0]
    counts = {row[1]: row[2] for row in rows}
    many = (rows[-1][1] - begins) // width + 1
    starts = [begins + width * number for number in range(many)]
    bars = [Bar(start, start + width, counts.get(start, 0)) for start in starts]
    is_cut = sum(counts.values()) == found.countable
    return Activity(width, bars, first, is_cut)
