"""Request a release that was kept as a draft."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy, queues
from releases.actions.refusal import refused
from releases.actions.transition import transition
from releases.audit import Origin, named, record
from releases.models import Release
from releases.states import ReleaseState


def request_draft(release: Release, *, by: User, origin: Origin) -> None:
    """Put a draft into the queue. Raises NotAllowed, StaleRelease."""
    with refused("request", release, by=by, origin=origin), transaction.atomic():
        locked = Release.objects.select_for_update().get(pk=release.pk)
        policy.require(policy.can_request_draft(by, locked))
        what = locked.intake.label if locked.intake else "$LATEST as it stands"
        record(
            "release.requested",
            by=by,
            origin=origin,
            release=locked,
            about=named(locked.artifact),
            what=what,
            code_sha256=locked.artifact.code_sha256 if locked.artifact else "",
            description=locked.description,
        )
        transition(locked, ReleaseState.QUEUED, by=by, origin=origin)
        queues.enqueue_release(release.pk)
    release.refresh_from_db()
