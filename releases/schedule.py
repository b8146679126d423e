"""When a release may go out: what may be asked for, and how it is said."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from releases.errors import InvalidInput

FURTHEST_DAYS = 90
FIELD = "not_before"


def check_not_before(moment: datetime | None) -> None:
    """Raises InvalidInput for a time that is past or too far ahead; None is at once."""
    if moment is None:
        return
    now = timezone.now()
    if moment <= now:
        raise InvalidInput("This time is past. Leave it empty to go at once.", field=FIELD)
    if moment > now + timedelta(days=FURTHEST_DAYS):
        raise InvalidInput(f"At most {FURTHEST_DAYS} days ahead, please.", field=FIELD)


def not_before_in_words(moment: datetime | None) -> str:
    """For the history, which is read in every time zone: in UTC."""
    if moment is None:
        return "as soon as it is approved"
    return f"publishes not before {moment:%Y-%m-%d %H:%M} UTC"
