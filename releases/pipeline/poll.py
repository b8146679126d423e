"""poll(): is a function still what its release was approved for, and what its page shows?"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from releases import live
from releases.actions.drift import has_moved, is_overtaken
from releases.actions.notice_drift import (
    notice,
    notice_deleted,
    set_former_versions_aside,
    was_recreated,
)
from releases.actions.read_function import Reading, keep, record_versions
from releases.audit import record
from releases.audit.aws_calls import reader_for
from releases.aws.errors import AwsError, NotFound
from releases.models import Function, Release
from releases.models.functions import GONE
from releases.pipeline.lock import FunctionLock, function_lock
from releases.pipeline.polls import VERSIONS_EVERY
from releases.pipeline.recover import wake
from releases.pipeline.trace import trace
from releases.pipeline.watch import conflict, watch
from releases.states import ReleaseState

# Pages say when AWS was last read; between polls of one function in flight that need not move.
SHOWN_AGAIN = timedelta(minutes=1)
# What Sluice calls the versions it publishes.
OURS = re.compile(r"R-\d+ [0-9a-f]{8}-")
FREE = frozenset({ReleaseState.FAILED, ReleaseState.CONFLICT})


def poll(function_id: int) -> None:
    """Look at a function, unless a worker is at it. Changes nothing in AWS.

    Safe to call at any time, twice, and after a crash anywhere.
    """
    with function_lock(function_id) as lock:
        function = Function.objects.with_environment().filter(pk=function_id).first()
        if lock is None or function is None:
            return
        release = _in_flight(function)
        if release is None or release.state in FREE or _is_at_its_gate(release):
            _look(function, release, lock)
    trace(function)
    wake(function_id)


def _in_flight(function: Function) -> Release | None:
    related = Release.objects.select_related("function__environment", "artifact", "staged")
    return related.in_flight().filter(function=function).first()


def _is_at_its_gate(release: Release) -> bool:
    """It waits for people or for its time; in all other states a step is next, and looks itself."""
    if release.state == ReleaseState.APPROVED:
        return bool(release.due_at and release.due_at > timezone.now())
    return release.state == ReleaseState.AWAITING_APPROVAL


def _look(function: Function, release: Release | None, lock: FunctionLock) -> None:
    began = timezone.now()
    try:
        reading, with_versions = _read(function)
    except NotFound:
        _gone(function, release, lock)
    except AwsError as error:
        _say(function, type(error).__name__, error)
    else:
        with transaction.atomic():
            _lock_first(release, lock)
            _keep(function, release, reading, with_versions=with_versions, began=began)


def _lock_first(release: Release | None, lock: FunctionLock) -> None:
    """Releases before their function: everybody locks them in this order."""
    lock.check()
    if release is not None:
        Release.objects.select_for_update().get(pk=release.pk)


def _read(function: Function) -> tuple[Reading, bool]:
    """`$LATEST` and the aliases; and whether versions were listed, too: only if something moved,
    and once a day. Raises AwsError."""
    gateway = reader_for(function.environment)
    latest = gateway.get_function(function.name)
    aliases = list(gateway.list_aliases(function.name))
    reading = Reading(latest, [], aliases, tuple(gateway.request_ids))
    read_at = function.versions_read_at
    is_old = read_at is None or read_at <= timezone.now() - VERSIONS_EVERY
    if not (is_old or function.poll_problem == GONE or has_moved(function, reading)):
        return reading, False
    versions = list(gateway.list_versions(function.name))
    return Reading(latest, versions, aliases, tuple(gateway.request_ids)), True


def _keep(
    function: Function,
    release: Release | None,
    reading: Reading,
    *,
    with_versions: bool,
    began: datetime,
) -> None:
    """Write down what was seen; call in a transaction, under the function's lock."""
    if is_overtaken(function, began):
        # What we saw may be older than what is known.
        return
    if not reading.latest.is_settled:
        # An update is under way: what it makes of the function is seen when it is done.
        return
    was_gone = function.poll_problem == GONE
    _say(function, "", None)
    moved, shown_at = has_moved(function, reading), function.synced_at
    is_free = release is None or release.state in FREE
    recreated = was_gone or (with_versions and was_recreated(function, reading))
    notice(function, reading, release=release, recreated=recreated)
    if recreated:
        set_former_versions_aside(function)
    if with_versions:
        new = keep(function, reading)
        if is_free:
            _say_versions(function, reading, new)
    Function.objects.filter(pk=function.pk).update(synced_at=timezone.now(), moved_at=None)
    if release is not None and not is_free:
        watch(release, reading)
    if moved or shown_at is None or shown_at < timezone.now() - SHOWN_AGAIN:
        live.changed(f"function-{function.pk}")


def _say_versions(function: Function, reading: Reading, new: list[int]) -> None:
    """Versions that others published are theirs; ours are called after their release."""
    told = [each.description for each in reading.versions if each.number in set(new)]
    theirs = [n for n, text in zip(new, told, strict=True) if not OURS.match(text)]
    if theirs:
        record_versions("function.versions_found", function, reading, theirs)


def _gone(function: Function, release: Release | None, lock: FunctionLock) -> None:
    what = f"{function.name} is no longer in AWS"
    with transaction.atomic():
        _lock_first(release, lock)
        Function.objects.filter(pk=function.pk).update(moved_at=None)
        changed = Function.objects.filter(pk=function.pk).exclude(poll_problem=GONE)
        if changed.update(poll_problem=GONE):
            notice_deleted(function, release=release)
        if release is not None and release.state not in FREE:
            conflict(release, [what])


def _say(function: Function, problem: str, error: AwsError | None) -> None:
    """What keeps polls from reading, or that nothing does any more: once, not at every poll."""
    with transaction.atomic():
        if problem:
            # The next round finds it moved again, if it is.
            Function.objects.filter(pk=function.pk).update(moved_at=None)
        others = Function.objects.filter(pk=function.pk).exclude(poll_problem=problem)
        if error:
            # What is there after it was gone was made again, whatever was not answered between.
            others = others.exclude(poll_problem=GONE)
        if not others.update(poll_problem=problem):
            return
        if error:
            record(
                "function.unreadable",
                by=None,
                function=function,
                problem=str(error),
                aws_request_ids=error.request_ids,
            )
        else:
            record("function.readable", by=None, function=function)
