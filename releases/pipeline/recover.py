"""recover(): the queue is only a hint, so whatever should move and does not goes into it again."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from releases import queues
from releases.actions.move_alias import take_up
from releases.models import (
    AuditExport,
    CodeComparison,
    Compared,
    Comparison,
    ExportState,
    Intake,
    IntakeState,
    Release,
    Round,
)
from releases.pipeline.lock import is_free
from releases.states import ReleaseState

QUIET = timedelta(seconds=15)
# Reading 250 MB from S3 takes a while, and nothing is lost by reading them twice.
INTAKE_QUIET = timedelta(seconds=60)
# After an upgrade no earlier release has a comparison: they are made up for a few at a time.
COMPARISONS = 20
C = TypeVar("C", bound=Compared)


def recover(*, quiet: timedelta = QUIET) -> int:
    """Enqueue releases whose step is due, whose lock is free, and which nobody enqueued for
    `quiet`; and rollbacks, intakes and comparisons that nobody took up. Returns how many. Any
    number may run at once."""
    recovered = 0
    # Before all else: callers run what somebody wants gone.
    for rollback in take_up():
        queues.enqueue_rollback(rollback)
        recovered += 1
    before = timezone.now() - quiet
    forgotten = _due().filter(
        Q(enqueued_at=None) | Q(enqueued_at__lte=before) | Q(enqueued_at__lt=F("due_at"))
    )
    for release in forgotten:
        if is_free(release.function_id):
            queues.enqueue_again(release.pk)
            recovered += 1
    slow = min(quiet * 4, INTAKE_QUIET)
    return recovered + _recover_intakes(slow) + _recover_comparisons(slow) + _recover_exports(slow)


def wake(function_id: int) -> None:
    """Enqueue what is due of one function: its job may have found the lock taken."""
    for release in _due().filter(function_id=function_id):
        queues.enqueue_again(release.pk)


def _due() -> QuerySet[Release]:
    """What can move now. Of a queue that is its first, unless another release is in flight."""
    in_flight = Release.objects.in_flight().filter(function=OuterRef("function"))
    free = Release.objects.in_queue().filter(~Exists(in_flight))
    heads = free.order_by("function_id", *free.query.order_by).distinct("function_id")
    can_move = ~Q(state=ReleaseState.QUEUED) | Q(pk__in=heads.values("pk"))
    its_time = Q(due_at=None) | Q(due_at__lte=timezone.now())
    return Release.objects.working().filter(can_move, its_time).order_by("pk")


def _recover_intakes(quiet: timedelta) -> int:
    waiting = Intake.objects.filter(state__in=[IntakeState.RECEIVED, IntakeState.READING])
    before = timezone.now() - quiet
    lost = waiting.filter(Q(enqueued_at=None) | Q(enqueued_at__lte=before))
    for pk in lost.values_list("pk", flat=True):
        queues.enqueue_intake(str(pk))
    return len(lost)


def _recover_exports(quiet: timedelta) -> int:
    """A worker touches its export with every batch that it writes."""
    waiting = AuditExport.objects.filter(state__in=[ExportState.WAITING, ExportState.WRITING])
    quiet_since = timezone.now() - quiet
    lost = list(waiting.filter(touched_at__lte=quiet_since).values_list("pk", flat=True))
    for pk in lost:
        queues.enqueue_export(str(pk))
    return len(lost)


def _recover_comparisons(quiet: timedelta) -> int:
    rounds = _lost(Round.objects.filter(closed_at=None), quiet)
    for pk in rounds:
        queues.enqueue_comparison(pk)
    codes = _lost(CodeComparison.objects.all(), quiet)
    for pk in codes:
        queues.enqueue_code_comparison(pk)
    return len(rounds) + len(codes)


def _lost(rows: QuerySet[C], quiet: timedelta) -> list[int]:
    """The newest comparisons that wait and that nobody enqueued for `quiet`."""
    never, before = Q(comparison_enqueued_at=None), timezone.now() - quiet
    waiting = rows.filter(never | Q(comparison_enqueued_at__lte=before))
    found = waiting.filter(comparison=Comparison.WAITING).order_by("-pk")
    return list(found.values_list("pk", flat=True)[:COMPARISONS])
