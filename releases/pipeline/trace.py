"""trace(): ask CloudTrail who moved a function; it tells minutes later, and may be forbidden."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from releases import live, queues
from releases.actions.name_drift_author import name_drift_author
from releases.audit import record
from releases.audit.aws_calls import reader_for
from releases.aws.errors import AwsError
from releases.aws.types import TrailEvent
from releases.models import AwsCall, CallStatus, Drift, Environment, Function, Trace
from releases.models.traces import TraceEnd

AGAIN = timedelta(minutes=1)
# CloudTrail says of itself that it is up to 15 minutes behind.
PATIENCE = timedelta(minutes=20)
# AWS takes two look-ups a second of an account and Region, and each time asks for two.
A_SECOND = 0.8
# A call whose answer was lost has no request id: its event is the nearest one around then.
LOST = timedelta(seconds=90)
# What moves code, configuration or live.
MOVES = frozenset({
    "CreateFunction", "DeleteFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration",
    "PublishVersion", "CreateAlias", "UpdateAlias", "DeleteAlias",
})  # fmt: skip


def ask_for_traces(tick: float) -> int:
    """Enqueue the looks that are due, those that waited longest first; returns how many.

    A function that moved once is not polled again for that, and CloudTrail tells minutes later.
    """
    most, asked = max(1, int(A_SECOND * tick)), 0
    due = Trace.objects.filter(_is_due()).order_by(F("asked_at").asc(nulls_first=True), "pk")
    environments = Environment.objects.filter(functions__traces__in=due).distinct()
    for environment in environments.values_list("pk", flat=True):
        of_it = due.filter(function__environment=environment)
        for function_id in of_it.values_list("function", flat=True)[:most]:
            queues.enqueue_trace(function_id)
            asked += 1
    return asked


def trace(function: Function) -> None:
    """Look once more, if somebody is looked for. Changes nothing in AWS, and fails at nothing.

    Call outside of transactions.
    """
    now = timezone.now()
    found = Trace.objects.filter(_is_due(), function=function).first()
    if found is None or not _claim(found):
        return
    try:
        changes = reader_for(function.environment).changes_of(function.name, found.since)
    except AwsError:
        changes = None
    if changes is not None and not changes.may_be_read:
        _end(found, function, TraceEnd.MAY_NOT)
        return
    theirs = _others(function, found, changes.events if changes else ())
    if _tells_of_the_last(found, theirs) or now - found.noticed_at > PATIENCE:
        _end(found, function, TraceEnd.FOUND if theirs else TraceEnd.NOBODY, theirs)


def trace_by_id(function_id: int) -> None:
    """As `trace`, for a job: safe to call at any time, twice, and after a crash anywhere."""
    if function := Function.objects.with_environment().filter(pk=function_id).first():
        trace(function)


def _is_due() -> Q:
    again = Q(asked_at=None) | Q(asked_at__lte=timezone.now() - AGAIN)
    return Q(end="") & again


def _claim(found: Trace) -> bool:
    same = Trace.objects.filter(pk=found.pk, end="", asked_at=found.asked_at)
    if found.asked_at is None:
        same = Trace.objects.filter(pk=found.pk, end="", asked_at__isnull=True)
    return same.update(asked_at=timezone.now()) == 1


def _others(
    function: Function, found: Trace, events: tuple[TrailEvent, ...]
) -> list[dict[str, Any]]:
    """What Sluice did not do itself, by request id, or by the time where that was lost.

    A lost call, done or not, stands for one event at most: the next one is somebody's.
    """
    moves = [event for event in events if event.event_name in MOVES]
    ids = {event.request_id for event in moves}
    ours = set(AwsCall.objects.filter(request_id__in=ids).values_list("request_id", flat=True))
    unclear = AwsCall.objects.filter(
        Q(release__function=function) | Q(rollback__function=function) | _of_a_restore(function),
        is_write=True,
        sent_at__gte=found.since,
        # AWS told who had asked where it answered at all.
        request_id="",
        status__in=(CallStatus.SENT, CallStatus.UNKNOWN, CallStatus.ADOPTED),
    )
    unknown = [event for event in moves if event.request_id not in ours]
    lost = _nearest(unknown, list(unclear.values_list("operation", "sent_at")))
    return [_told(event) for index, event in enumerate(unknown) if index not in lost]


def _of_a_restore(function: Function) -> Q:
    """Calls that write a configuration back belong to no release; they name the function."""
    restored = function.drifts.filter(restores_version__isnull=False)
    if not restored.exists():
        return Q(pk=None)
    return Q(
        release=None,
        rollback=None,
        operation="UpdateFunctionConfiguration",
        request__FunctionName=function.name,
    )


def _nearest(events: list[TrailEvent], lost: list[tuple[str, datetime]]) -> set[int]:
    """The events, by place in the list, that lost calls stand for: the nearest pairs first.

    CloudTrail's clock has no fractions; of one second the older event, which comes later, counts.
    """
    pairs = sorted(
        (abs(event.at - sent_at.replace(microsecond=0)), -at, call)
        for at, event in enumerate(events)
        for call, (operation, sent_at) in enumerate(lost)
        if event.event_name == operation and abs(event.at - sent_at) < LOST
    )
    taken: dict[int, int] = {}
    for _, place, call in pairs:
        at = -place
        if at not in taken and call not in taken.values():
            taken[at] = call
    return set(taken)


def _told(event: TrailEvent) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "operation": event.event_name,
        "who": event.who[:200],
        "arn": event.arn,
        "request_id": event.request_id,
    }


def _tells_of_the_last(found: Trace, theirs: list[dict[str, Any]]) -> bool:
    """Whether the change that was noticed last is among them, and not those before it alone.

    They come newest first, and CloudTrail's clock has no fractions.
    """
    if not theirs or found.moved_after is None:
        return bool(theirs)
    return datetime.fromisoformat(theirs[0]["at"]) >= found.moved_after.replace(microsecond=0)


def _name(function: Function, last: dict[str, Any]) -> None:
    """The open drift, if there is one, tells who made the last change."""
    drift = Drift.objects.open().filter(function=function).first()
    at = datetime.fromisoformat(last["at"])
    if drift is not None:
        name_drift_author(drift, who=last["who"], changed_at=at, agent=last["arn"])


def _in_words(change: dict[str, Any]) -> str:
    return f"{change['who']} called {change['operation']} at {change['at']}"


def _end(
    found: Trace, function: Function, end: TraceEnd, theirs: list[dict[str, Any]] | None = None
) -> None:
    with transaction.atomic():
        # What was noticed meanwhile is still to be looked for.
        going_on = Trace.objects.filter(pk=found.pk, end="", noticed_at=found.noticed_at)
        if not going_on.update(end=end, found=theirs or []):
            return
        about: dict[str, Any] = {"by": None, "function": function, "release": found.release}
        if theirs:
            if _tells_of_the_last(found, theirs):
                _name(function, theirs[0])
            said = "; ".join(_in_words(each) for each in theirs)
            ids = [each["request_id"] for each in theirs if each["request_id"]]
            record("function.traced", **about, changes=said, aws_request_ids=ids)
        else:
            record("function.untraced", **about, reason=end.label)
        if found.release_id:
            live.changed(f"release-{found.release_id}")
