"""Since when versions were live: by the story's clock, not by the database's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from releases.models import LivePeriod
from sandbox.demo_data.clock import Clock


@contextmanager
def moved_by(clock: Clock) -> Iterator[None]:
    """What is live may change inside; the trigger tells the real moment, and this the story's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (began,) = cursor.fetchone()
    yield
    LivePeriod.objects.filter(until__gte=began).update(until=clock.now)
    LivePeriod.objects.filter(since__gte=began).update(since=clock.now)
