"""What cron does for the history, over and over: seal, check, keep the head outside."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from releases import live
from releases.audit.anchors import (
    Anchor,
    AnchorProblem,
    AnchorsGone,
    anchor_head,
    anchor_place,
    is_new,
    kept,
)
from releases.audit.keys import NoAuditKey
from releases.audit.record import record
from releases.audit.seal import seal
from releases.audit.verify import Verification, verify
from releases.models import AuditAnchor, AuditCheck

log = structlog.get_logger()

SECONDS = 1.0
# A check takes at most a twentieth of the time, however long the history has become.
AT_LEAST = timedelta(seconds=60)
SHARE = 20
CHECKS_KEPT = timedelta(days=90)
# Of several cron processes that find the same fault, one puts it into the history.
LOCK = 0x51_1C_E5_EB
EVERY_SECONDS = 3_600.0
# How long a place for anchors that did not answer is left alone: twice as long each time.
FIRST_PAUSE, LONGEST_PAUSE = 15.0, 900.0


@dataclass
class Outside:
    """The anchors as they were last read, for every check to be held against, and what is due.

    Read once after each new one, as nothing else is ever added: a bucket is asked once an hour.
    What was kept there is remembered here: rows of the database that it guards prove nothing.
    """

    anchors: list[Anchor] = field(default_factory=list)
    read: int | None = None
    last: Anchor | None = None
    due_at: float = 0.0
    # Why the place could not be read or written to when it was last asked, and what is gone there.
    problem: str = ""
    fault: str = ""
    pause: float = 0.0
    asked_again_at: float = 0.0

    def look(self) -> list[Anchor]:
        """All that are kept. Raises AnchorProblem; what was read before stays in `anchors`."""
        place, last = anchor_place(), _last_anchor()
        if place is None or is_new(place):
            self.anchors = []
        elif self.read != last:
            self.anchors, self.read = kept(place), last
        return self.anchors

    def keep(self) -> Anchor | None:
        """Keep the head there at the start and once an hour. Raises AnchorProblem."""
        place = anchor_place()
        if not place or time.monotonic() < self.due_at:
            return None
        head = anchor_head(place, unless=self.last)
        if head:
            self.last, self.due_at = head, time.monotonic() + EVERY_SECONDS
        return head

    @property
    def is_set_up(self) -> bool:
        return bool(settings.SLUICE_AUDIT_ANCHOR)

    @property
    def is_left_alone(self) -> bool:
        return time.monotonic() < self.asked_again_at

    def failed(self, error: AnchorProblem) -> None:
        self.problem = str(error)
        self.fault = str(error) if isinstance(error, AnchorsGone) else ""
        self.pause = min(self.pause * 2 or FIRST_PAUSE, LONGEST_PAUSE)
        self.asked_again_at = time.monotonic() + self.pause

    def answered(self) -> None:
        self.problem = self.fault = ""
        self.pause = self.asked_again_at = 0.0


def watch(stopping: threading.Event) -> None:
    """Until told to stop, in a thread of its own: no release waits for the history."""
    said, outside = "", Outside()
    while not stopping.wait(SECONDS):
        close_old_connections()
        problem = ""
        try:
            tick(outside)
        except (DatabaseTrouble, NoAuditKey) as error:
            problem = str(error)
        if problem and problem != said:
            log.warning("audit.not_sealed", problem=problem)
        said = problem
    connection.close()


def tick(outside: Outside) -> None:
    """Seal what is settled; check and anchor where it is time. Raises what `watch` catches.

    A place for anchors that does not answer keeps nothing from being sealed or checked.
    """
    try:
        if seal():
            live.changed("audit")
    finally:
        # Where nothing can be sealed, a check may say who keeps it from being.
        _check_and_anchor(outside)


def _check_and_anchor(outside: Outside) -> None:
    if not outside.is_left_alone:
        _anchored(outside)
    last = AuditCheck.objects.first()
    if not last or timezone.now() - last.at > _pause_after(last):
        check(outside)


def _anchored(outside: Outside) -> None:
    try:
        # First what is there: it is read also where nothing can be added.
        outside.look()
        if outside.keep():
            outside.look()
    except AnchorProblem as error:
        outside.failed(error)
        log.warning("audit.not_anchored", problem=str(error), again_in=outside.pause)
    else:
        outside.answered()


def check(outside: Outside) -> AuditCheck:
    """Verify, keep what came out, and put a new fault into the history itself."""
    began = time.monotonic()
    found = verify(outside.anchors)
    return _keep(found, outside, duration=time.monotonic() - began)


def _keep(found: Verification, outside: Outside, *, duration: float) -> AuditCheck:
    """Both or nothing: a fault that only the check says would pass for one that was told before."""
    fault = found.fault or outside.fault
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        before = AuditCheck.objects.first()
        AuditCheck.objects.filter(at__lt=timezone.now() - CHECKS_KEPT).delete()
        kept_check = AuditCheck.objects.create(
            is_sound=not fault,
            fault=fault,
            event_count=found.sealed,
            anchor_count=len(outside.anchors) if outside.is_set_up else None,
            anchor_problem=outside.problem,
            duration_ms=round(duration * 1000),
        )
        if fault and (not before or before.fault != fault):
            log.error("audit.fault", fault=fault)
            record("audit.fault_found", by=None, fault=fault)
    return kept_check


def _pause_after(last: AuditCheck) -> timedelta:
    return max(AT_LEAST, timedelta(milliseconds=last.duration_ms * SHARE))


def _last_anchor() -> int:
    return AuditAnchor.objects.values_list("pk", flat=True).first() or 0
