"""Have somebody look for who moved a function; the polls do it, past every transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from releases.models import Function, Release, Trace

# Clocks differ, and CloudTrail's has no fractions.
SLACK = timedelta(minutes=1)
# Where Sluice never looked before, this far back.
UNREAD = timedelta(hours=1)


def look_for_author(function: Function, release: Release | None, since: datetime | None) -> None:
    """Begin a look for what happened after `since`; one that goes on takes this in, too.

    Call in the transaction that says that the function moved.
    """
    start = (since or timezone.now() - UNREAD) - SLACK
    going_on = Trace.objects.filter(function=function, end="")
    fresh: dict[str, Any] = {"noticed_at": timezone.now(), "asked_at": None}
    if release is not None:
        fresh["release"] = release
    if not going_on.update(**fresh):
        Trace.objects.create(function=function, release=release, since=start)
