"""Conflict: what was approved does not go out as things are, and its approvals lapse."""

from __future__ import annotations

import uuid

from releases.actions.compare_code import compare_conflict
from releases.actions.gate import close_round
from releases.actions.transition import NOTHING_MORE, transition
from releases.audit import Evidence, Origin
from releases.models import Release
from releases.states import ReleaseState

CHOOSE = "Compare what was approved with what is in AWS, then choose a way on."


def stop_in_conflict(
    release: Release,
    why: str,
    *,
    origin: Origin | None = None,
    attempt: uuid.UUID | None = None,
    evidence: Evidence = NOTHING_MORE,
) -> None:
    """Close its round and stop it. Call in a transaction.

    Raises StaleRelease if somebody else moved it first.
    """
    if round_ := release.current_round:
        close_round(round_, why, origin=origin)
    transition(
        release,
        ReleaseState.CONFLICT,
        by=None,
        origin=origin,
        attempt=attempt,
        said={"problem": why},
        evidence=evidence,
        error_name="Conflict",
        error_message=why,
        error_advice=CHOOSE,
    )
    compare_conflict(release)
