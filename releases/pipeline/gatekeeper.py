"""The worker's part at the gate: an approved release goes on only while its approvals count."""

from __future__ import annotations

from django.db import transaction

from releases.actions.gate import POLICY_CHANGED, policy_changed, renew_round
from releases.actions.transition import transition
from releases.models import Release
from releases.pipeline.lock import FunctionLock
from releases.policy import counting_approvals
from releases.states import Gate, ReleaseState


def still_approved(release: Release, lock: FunctionLock) -> bool:
    """Move an approved release on, or back to the gate if its approvals lapsed meanwhile."""
    with transaction.atomic():
        locked = Release.objects.select_for_update().get(pk=release.pk)
        round_ = locked.rounds.get(number=locked.round_number)
        if policy_changed(locked, round_):
            renew_round(locked, POLICY_CHANGED)
            return False
        enough = counting_approvals(round_).count() >= round_.approvals_required
        lock.check()
        if not enough:
            said = {"required": round_.approvals_required}
            to = ReleaseState.AWAITING_APPROVAL
            transition(locked, to, by=None, attempt=release.attempt, said=said)
            return False
        on = ReleaseState.PUBLISHING if locked.gate == Gate.STAGE_FIRST else ReleaseState.STAGING
        transition(locked, on, by=None, attempt=release.attempt)
    return True
