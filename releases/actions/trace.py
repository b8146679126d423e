"""Have somebody look for who moved a function; the polls do it, past every transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
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
    after = since or timezone.now() - UNREAD
    start = after - SLACK
    going_on = Trace.objects.filter(function=function, end="")
    fresh: dict[str, Any] = {"noticed_at": timezone.now(), "asked_at": None}
    if release is not None:
        fresh["release"] = release
    # The same change may be said twice: as drift, and as the conflict of a release, which knows
    # of an older look at most.
    is_later = Q(moved_after=None) | Q(moved_after__lt=after)
    going_on.filter(is_later, since__lt=start).update(moved_after=after)
    if not going_on.update(**fresh):
        # The slack must not reach back to what was noticed before.
        before = Trace.objects.filter(function=function, noticed_at__range=(start, after))
        moved_after = after if before.exists() else None
        Trace.objects.create(
            function=function, release=release, since=start, moved_after=moved_after
        )
