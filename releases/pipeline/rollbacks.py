"""Rollbacks whose request was broken off: somebody has to see them through."""

from __future__ import annotations

import structlog

from releases.actions.move_alias import move_alias
from releases.errors import StaleRelease
from releases.models import Rollback, RollbackState

log = structlog.get_logger()


def finish(rollback_id: int) -> None:
    """Carry on, unless it has ended meanwhile. Safe to call at any time, twice."""
    rollback = Rollback.objects.filter(pk=rollback_id, state=RollbackState.MOVING).first()
    if rollback is None:
        return
    try:
        move_alias(rollback)
    except StaleRelease as error:
        log.info("rollback.left", rollback=rollback_id, because=str(error))
