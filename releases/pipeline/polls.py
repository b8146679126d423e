"""Which functions are to be looked at now: often while a release is in flight, else rarely."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from math import ceil

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from releases import queues
from releases.models import Function, Release
from releases.models.functions import FunctionQuerySet

WATCHED_EVERY = timedelta(seconds=15)
OTHERS_EVERY = timedelta(minutes=5)
# What polls may use of an account's budget at most; the rest is for releases and people.
SHARE = 1 / 3
# A little more than it takes to be round in time, so that a slow tick is made good.
HASTE = 1.25


def ask_for_polls(tick: float) -> int:
    """Enqueue the polls of one tick of `tick` seconds, and return how many.

    Those of other functions are spread over their five minutes. Any number of crons may run:
    each poll is asked for by the one that changes `polled_at`.
    """
    now, half = timezone.now(), timedelta(seconds=tick / 2)
    flying = Exists(Release.objects.in_flight().filter(function=OuterRef("pk")))
    watched = _due(Q(polled_at__lte=now - WATCHED_EVERY + half)).filter(flying)
    idle = Function.objects.exclude(flying)
    a_tick = ceil(idle.count() * tick / OTHERS_EVERY.total_seconds() * HASTE)
    others = _due(Q(polled_at__lte=now - OTHERS_EVERY)).exclude(flying)[:a_tick]
    allowance = max(1, int(settings.SLUICE_AWS_CALLS_PER_SECOND * tick * SHARE))
    asked: Counter[int] = Counter()
    for function in (*watched, *others):
        if asked[function.environment_id] < allowance and _claim(function):
            asked[function.environment_id] += 1
            queues.enqueue_poll(function.pk)
    return asked.total()


def _due(since: Q) -> FunctionQuerySet:
    """Those that waited longest come first, so that nobody is forgotten under a small budget."""
    due = Function.objects.filter(Q(polled_at=None) | since)
    return due.order_by(F("polled_at").asc(nulls_first=True), "pk")


def _claim(function: Function) -> bool:
    same = Function.objects.filter(pk=function.pk)
    if function.polled_at is None:
        same = same.filter(polled_at__isnull=True)
    else:
        same = same.filter(polled_at=function.polled_at)
    return same.update(polled_at=timezone.now()) == 1
