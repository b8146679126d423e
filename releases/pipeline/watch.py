"""A release at its gate: still what was approved, under the policy it was approved under?"""

from __future__ import annotations

from releases.actions.conflict import stop_in_conflict
from releases.actions.drift import is_our_rollback
from releases.actions.gate import (
    AT_THE_GATE,
    POLICY_CHANGED,
    let_through,
    policy_changed,
    renew_round,
)
from releases.actions.read_function import Reading
from releases.actions.standing import settled
from releases.actions.trace import look_for_author
from releases.audit import record
from releases.aws.types import LATEST
from releases.models import AuditEvent, Release, Round, Snapshot
from releases.pipeline.gatekeeper import sent_back
from releases.pipeline.observe import Observation, candidate_moves_and_live, untouched_moves
from releases.states import Gate, ReleaseState


def watch(release: Release, reading: Reading) -> None:
    """Compare as the release's next step would; call in a transaction, under the lock.

    A change in AWS is a conflict; a change in Sluice asks for approval again.
    """
    locked = _still_at_its_gate(release)
    round_ = locked.current_round if locked else None
    if locked is None or round_ is None or round_.closed_at:
        return
    alias = settled(release.function, reading.alias(release.target_alias))
    seen = Observation(reading.latest, alias)
    if moved := moves(locked, round_, seen):
        Snapshot.of(locked.function, seen.latest, qualifier=LATEST)
        conflict(locked, moved)
        # `release` was read before this look at the function was kept.
        if not is_our_rollback(release.function, moved):
            look_for_author(release.function, locked, release.function.synced_at)
        return
    _say_if_touched(locked, round_, seen)
    if locked.state == ReleaseState.APPROVED:
        sent_back(locked, round_, attempt=None)
    elif policy_changed(locked, round_):
        renew_round(locked, POLICY_CHANGED)
    else:
        let_through(locked)


def moves(release: Release, round_: Round, seen: Observation) -> list[str]:
    """In words, what is no longer as approved; what the next step would call a conflict."""
    before_staging = release.gate == Gate.REVIEW_FIRST and release.artifact is not None
    if before_staging:
        return untouched_moves(release, round_, seen)
    if not seen.latest.is_usable:
        return [f"the last update of $LATEST failed: {seen.latest.last_update_reason}"]
    return candidate_moves_and_live(round_, seen)


def conflict(release: Release, moved: list[str]) -> None:
    """The round ends with its approvals, each named; call in a transaction, under the lock."""
    locked = _still_at_its_gate(release)
    if locked is not None:
        stop_in_conflict(locked, "; ".join(moved))


def _still_at_its_gate(release: Release) -> Release | None:
    """The locked row, if nobody decided anything else since it was read."""
    related = Release.objects.select_related("function__environment", "artifact", "staged")
    locked = related.select_for_update(of=("self",)).get(pk=release.pk)
    same = locked.state in AT_THE_GATE and locked.round_number == release.round_number
    return locked if same else None


def _say_if_touched(release: Release, round_: Round, seen: Observation) -> None:
    """Only RevisionIds moved: the history says it once for each, and nobody is bothered."""
    staged_here = release.gate == Gate.STAGE_FIRST
    approved = release.staged if staged_here else round_.checked
    if approved and approved.revision_id != seen.latest.revision_id:
        _say_once(release, LATEST, seen.latest.revision_id)
    known = round_.baseline_alias_revision
    if seen.alias and known and known != seen.alias.revision_id:
        _say_once(release, f"the alias {seen.alias.name}", seen.alias.revision_id)


def _say_once(release: Release, what: str, revision_id: str) -> None:
    said = AuditEvent.objects.filter(release_id=release.pk, action="release.untouched")
    if not said.filter(data__revision_id=revision_id).exists():
        record("release.untouched", by=None, release=release, what=what, revision_id=revision_id)
