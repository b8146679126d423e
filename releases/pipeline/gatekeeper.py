"""The worker's part at the gate: an approved release goes on only while its approvals count."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from releases.actions.gate import POLICY_CHANGED, policy_changed, renew_round
from releases.actions.transition import transition
from releases.audit import record
from releases.models import Release
from releases.pipeline.lock import FunctionLock
from releases.policy import counting_approvals
from releases.schedule import not_before_in_words
from releases.states import Gate, ReleaseState


def still_approved(release: Release, lock: FunctionLock) -> bool:
    """Move an approved release on, or back to the gate if its approvals lapsed meanwhile."""
    with transaction.atomic():
        locked = Release.objects.select_for_update().get(pk=release.pk)
        lock.check()
        if sent_back(locked, attempt=release.attempt):
            return False
        if waits_for_its_time(locked, release.attempt):
            return False
        on = ReleaseState.PUBLISHING if locked.gate == Gate.STAGE_FIRST else ReleaseState.STAGING
        transition(locked, on, by=None, attempt=release.attempt)
    return True


def sent_back(locked: Release, *, attempt: uuid.UUID | None) -> bool:
    """Send an approved release back to its gate if its approvals do not count any more.

    Call in a transaction, with the row locked.
    """
    round_ = locked.rounds.get(number=locked.round_number)
    if policy_changed(locked, round_):
        renew_round(locked, POLICY_CHANGED)
        return True
    if counting_approvals(round_).count() >= round_.approvals_required:
        return False
    said = {"required": round_.approvals_required}
    transition(locked, ReleaseState.AWAITING_APPROVAL, by=None, attempt=attempt, said=said)
    return True


def waits_for_its_time(locked: Release, attempt: uuid.UUID | None) -> bool:
    """Put a release off whose time has not come; recover() finds it when it is due.

    Its approvals are looked at again then. Call in a transaction, with the row locked.
    """
    if locked.not_before is None or locked.not_before <= timezone.now():
        return False
    mine = Release.objects.filter(pk=locked.pk, attempt=attempt)
    if locked.due_at != locked.not_before and mine.update(due_at=locked.not_before):
        when = not_before_in_words(locked.not_before)
        record("release.not_yet", by=None, release=locked, when=when)
    return True
