"""Sessions that were begun with a break-glass code: which there are, and their end."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import BreakGlassCode

LONGEST_SESSION = timedelta(hours=4)
# Where a session keeps the code that it was begun with.
IN_SESSION = "break_glass"


def in_use() -> QuerySet[BreakGlassCode]:
    """The codes that somebody is, or may still be, signed in with. Rather one too many."""
    going_on = BreakGlassCode.objects.filter(session_ends_at__gt=timezone.now(), ended_at=None)
    return going_on.select_related("person")


def end_break_glass(request: HttpRequest) -> None:
    """Whoever signs out of such a session ends it."""
    code = request.session.get(IN_SESSION)
    if code is not None:
        BreakGlassCode.objects.filter(pk=code, ended_at=None).update(ended_at=timezone.now())
