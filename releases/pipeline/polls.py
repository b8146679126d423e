"""What is to be asked of AWS now: often where a release is in flight, all the rest in rounds.

A round takes five minutes: one listing of all functions of an environment, and the aliases of
each, spread over the round. What moved is polled; versions are listed once a day besides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from releases import queues
from releases.aws.gateway import PAGE
from releases.models import Environment, Function, Release
from releases.models.functions import GONE, FunctionQuerySet

WATCHED_EVERY = timedelta(seconds=15)
ROUND = timedelta(minutes=5)
VERSIONS_EVERY = timedelta(days=1)
# What all this may use of an account's budget at most; the rest is for releases and people.
SHARE = 1 / 3
# What functions in flight have of that in any case. However many they are, the round has the rest
# as far as it needs it: they are asked less often then, and nothing else is forgotten for them.
WATCHED_SHARE = 1 / 5
# A little more than it takes to be round in time, so that a slow tick is made good.
HASTE = 1.25
# Calls of a poll that lists versions, as long as they are on one page; without them it is one.
WITH_VERSIONS = 2
# AWS is moving their traffic over after a move of ours: a page shows when that is over.
MOVING = Q(left_at__isnull=False) & ~Q(live_weights={})
FLYING = Q(Exists(Release.objects.in_flight().filter(function=OuterRef("pk"))))


def ask_for_polls(tick: float) -> int:
    """Enqueue what one tick of `tick` seconds asks for; returns the calls that it will cost.

    Any number of crons may run: each thing is asked for by the one that changes its row.
    """
    now = timezone.now()
    having = Environment.objects.filter(Exists(Function.objects.filter(environment=OuterRef("pk"))))
    return sum(_ask(environment, tick, now) for environment in having)


def _ask(environment: Environment, tick: float, now: datetime) -> int:
    allowed = max(1, int(settings.SLUICE_AWS_CALLS_PER_SECOND * tick * SHARE))
    functions = Function.objects.filter(environment=environment)
    half = timedelta(seconds=tick / 2)
    used = 0
    if _claim_listing(environment, now - ROUND + half):
        queues.enqueue_listing(environment.pk)
        used += max(1, ceil(environment.listed_count / PAGE))
    idle = functions.filter(~(FLYING | MOVING), moved_at=None).exclude(poll_problem=GONE)
    a_tick = ceil(idle.count() * tick / ROUND.total_seconds() * HASTE)
    if environment.list_problem:
        a_tick = 0
    left = max(0, allowed - used)
    due = Q(polled_at=None) | Q(polled_at__lte=now - WATCHED_EVERY + half)
    daily = _whose_versions_are_old(idle.filter(due))
    needed = a_tick + WITH_VERSIONS * len(daily)
    watched = functions.filter(due, FLYING | MOVING | Q(moved_at__isnull=False))
    used += _watched(watched, max(left - needed, ceil(left * WATCHED_SHARE)))
    for function in daily:
        if used < allowed and _claim(function):
            queues.enqueue_poll(function.pk)
            used += WITH_VERSIONS
    return used + _aliases(idle, min(a_tick, allowed - used), now - ROUND)


def _watched(due: FunctionQuerySet, allowed: int) -> int:
    """In flight, seen to have moved, or with traffic that moves over."""
    used = 0
    for function in _oldest(due)[:allowed]:
        cost = 1 if function.moved_at is None else WITH_VERSIONS
        if used + cost <= max(allowed, WITH_VERSIONS) and _claim(function):
            queues.enqueue_poll(function.pk)
            used += cost
    return used


def _whose_versions_are_old(due: FunctionQuerySet) -> list[Function]:
    """One whose versions nobody listed for a day."""
    stale = Q(versions_read_at=None) | Q(versions_read_at__lte=timezone.now() - VERSIONS_EVERY)
    return list(due.filter(stale).order_by(F("versions_read_at").asc(nulls_first=True), "pk")[:1])


def _aliases(idle: FunctionQuerySet, allowed: int, before: datetime) -> int:
    """A tick's part of the round, those that waited longest first."""
    due = idle.filter(Q(polled_at=None) | Q(polled_at__lte=before))
    claimed = [each.pk for each in _oldest(due)[: max(0, allowed)] if _claim(each)]
    if claimed:
        queues.enqueue_aliases(claimed)
    return len(claimed)


def _oldest(functions: FunctionQuerySet) -> FunctionQuerySet:
    """Nobody is forgotten under a small budget."""
    return functions.order_by(F("polled_at").asc(nulls_first=True), "pk")


def _claim(function: Function) -> bool:
    same = Function.objects.filter(pk=function.pk, polled_at=function.polled_at)
    if function.polled_at is None:
        same = Function.objects.filter(pk=function.pk, polled_at__isnull=True)
    return same.update(polled_at=timezone.now()) == 1


def _claim_listing(environment: Environment, before: datetime) -> bool:
    same = Environment.objects.filter(pk=environment.pk)
    due = same.filter(Q(listed_at=None) | Q(listed_at__lte=before))
    return due.update(listed_at=timezone.now()) == 1
