"""Signing a person out of every browser, whatever they are doing there."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import BreakGlassCode, User
from releases import live


def sign_out_everywhere(person: User) -> int:
    """Delete all sessions of `person` and end their live streams; how many sessions there were.

    Every session is read, because those that allauth lists are not all there are.
    """
    standing = Session.objects.filter(expire_date__gt=timezone.now()).iterator()
    theirs = [
        each.session_key
        for each in standing
        if each.get_decoded().get(SESSION_KEY) == str(person.pk)
    ]
    Session.objects.filter(session_key__in=theirs).delete()
    UserSession.objects.filter(user=person).delete()
    BreakGlassCode.objects.filter(person=person, ended_at=None).exclude(used_at=None).update(
        ended_at=timezone.now()
    )
    live.people_changed()
    return len(theirs)
