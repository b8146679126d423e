"""What cron does for the history, over and over: seal, check, keep the head outside."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import structlog
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections, connection
from django.utils import timezone

from releases import live
from releases.audit.anchors import EVERY, Anchor, AnchorProblem, anchor_head, anchor_place, kept
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


def watch(stopping: threading.Event) -> None:
    """Until told to stop, in a thread of its own: no release waits for the history."""
    said = ""
    while not stopping.wait(SECONDS):
        close_old_connections()
        problem = ""
        try:
            tick()
        except (DatabaseTrouble, AnchorProblem, NoAuditKey) as error:
            problem = str(error)
        if problem and problem != said:
            log.warning("audit.not_sealed", problem=problem)
        said = problem
    connection.close()


def tick() -> None:
    """Seal what is settled; check and anchor where it is time. Raises what `watch` catches."""
    if seal():
        live.changed("audit")
    last = AuditCheck.objects.first()
    if not last or timezone.now() - last.at > _pause_after(last):
        check()
    anchor_if_due()


def check() -> AuditCheck:
    """Verify, keep what came out, and put a new fault into the history itself."""
    began = time.monotonic()
    found = verify(_outside())
    return _keep(found, duration=time.monotonic() - began)


def _outside() -> list[Anchor]:
    """The anchors, where it is time to look. Where they cannot be read the chain is checked alone:
    keeping the next one says why.
    """
    try:
        place = anchor_place()
        return kept(place) if place and _anchored_since_checked() else []
    except AnchorProblem as error:
        log.warning("audit.anchors_not_read", problem=str(error))
        return []


def _keep(found: Verification, *, duration: float) -> AuditCheck:
    before = AuditCheck.objects.first()
    AuditCheck.objects.filter(at__lt=timezone.now() - CHECKS_KEPT).delete()
    kept_check = AuditCheck.objects.create(
        is_sound=not found.fault,
        fault=found.fault,
        event_count=found.sealed,
        duration_ms=round(duration * 1000),
    )
    if found.fault and (not before or before.fault != found.fault):
        log.error("audit.fault", fault=found.fault)
        record("audit.fault_found", by=None, fault=found.fault)
    return kept_check


def anchor_if_due() -> AuditAnchor | None:
    """Keep the head outside once an hour, if that is set up. Raises AnchorProblem."""
    place = anchor_place()
    last = AuditAnchor.objects.first()
    if not place or (last and timezone.now() - last.at < EVERY):
        return None
    return anchor_head(place)


def _pause_after(last: AuditCheck) -> timedelta:
    return max(AT_LEAST, timedelta(milliseconds=last.duration_ms * SHARE))


def _anchored_since_checked() -> bool:
    """Anchors only grow: reading them all once after each new one is often enough."""
    last, checked = AuditAnchor.objects.first(), AuditCheck.objects.first()
    return not last or not checked or last.at > checked.at
