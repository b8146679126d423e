"""What retry, stage again and adopt have in common: back to the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction

from accounts.models import User
from releases import policy, queues
from releases.actions.refusal import refused
from releases.actions.transition import transition
from releases.audit import Origin, named, record
from releases.models import Authorship, Release
from releases.states import ReleaseState


def again(
    release: Release,
    verb: str,
    allowed: Callable[[User, Release], policy.Decision],
    *,
    event: str,
    said: dict[str, Any],
    by: User,
    origin: Origin,
    because: str = "",
    **fields: Any,
) -> None:
    """Queue a failed or conflicting release again. With `because`, `by` becomes an author."""
    with refused(verb, release, by=by, origin=origin), transaction.atomic():
        locked = Release.objects.select_for_update().get(pk=release.pk)
        policy.require(allowed(by, locked))
        if because:
            Authorship.objects.get_or_create(release=locked, person=by, because=because)
        record(
            event,
            by=by,
            origin=origin,
            release=locked,
            about=named(locked.current_round, locked.artifact),
            **said,
        )
        transition(
            locked,
            ReleaseState.QUEUED,
            by=by,
            origin=origin,
            said={"round": locked.round_number},
            error_name="",
            error_message="",
            error_advice="",
            **fields,
        )
        queues.enqueue_release(release.pk)
    release.refresh_from_db()
