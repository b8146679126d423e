"""Where somebody is signed in, and ending it there."""

from __future__ import annotations

from collections.abc import Sequence

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.browsers import browser_of
from accounts.models import User
from releases import live
from releases.audit import Origin, record


def sessions_of(person: User) -> QuerySet[UserSession]:
    """Those that still let somebody in, the last used first. One query."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    theirs = UserSession.objects.filter(user=person, session_key__in=alive)
    found: QuerySet[UserSession] = theirs.order_by("-last_seen_at", "-pk")
    return found


@transaction.atomic
def end_session(person: User, pk: int, *, origin: Origin) -> bool:
    """Sign `person` out of one browser. False if that was over already."""
    session = sessions_of(person).select_for_update().filter(pk=pk).first()
    if session is None:
        return False
    _end([session])
    browser = f"{browser_of(session.user_agent)} ({session.ip})"
    record("person.session_ended", by=person, origin=origin, browser=browser)
    return True


@transaction.atomic
def end_other_sessions(person: User, session_key: str | None, *, origin: Origin) -> int:
    """Sign `person` out everywhere but here; how many sessions that were."""
    others = UserSession.objects.select_for_update().filter(user=person)
    ended = list(others.exclude(session_key=session_key))
    if ended:
        _end(ended)
        browsers = ", ".join(sorted(browser_of(each.user_agent) for each in ended))
        record("person.sessions_ended", by=person, origin=origin, browsers=browsers)
    return len(ended)


def _end(sessions: Sequence[UserSession]) -> None:
    keys = [each.session_key for each in sessions]
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    # Open streams of theirs are asked about at once, and not only at the next round.
    live.people_changed()
