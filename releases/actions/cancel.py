"""Cancel a release that is not being staged or published at this moment."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy
from releases.actions.refusal import refused
from releases.actions.reject import end
from releases.actions.transition import transition
from releases.audit import Origin, record
from releases.models import Release
from releases.models.releases import ReleaseQuerySet
from releases.states import ReleaseState

UNSTARTED = (ReleaseState.DRAFT, ReleaseState.QUEUED)


def cancel(release: Release, *, by: User, origin: Origin, reason: str = "") -> None:
    """End the release; what it staged is put back first. Raises NotAllowed, StaleRelease."""
    reason = reason.strip() or "no reason given"
    with refused("cancel", release, by=by, origin=origin), transaction.atomic():
        locked = Release.objects.select_for_update().get(pk=release.pk)
        policy.require(policy.can_cancel(by, locked))
        cancel_locked(locked, by=by, origin=origin, reason=reason)
    release.refresh_from_db()


def cancel_locked(locked: Release, *, by: User, origin: Origin, reason: str) -> None:
    """The cancelling itself: in a transaction, the row locked and the policy asked."""
    # A queued release that staged in an earlier round puts that back, unless another release
    # has the function by now: then `$LATEST` is not ours to touch.
    others = _others(locked).in_flight().exists()
    if locked.state in UNSTARTED and (locked.before_stage_id is None or others):
        if locked.before_stage_id:
            detail = "what this release staged was left on $LATEST: another one has it now"
            record("function.drifted", by=None, origin=origin.caused, release=locked, detail=detail)
        transition(
            locked,
            ReleaseState.CANCELLED,
            by=by,
            origin=origin,
            said={"reason": reason},
            ends_because=reason,
        )
    else:
        end(locked, ReleaseState.CANCELLED, by=by, origin=origin, reason=reason)


def _others(release: Release) -> ReleaseQuerySet:
    return Release.objects.filter(function_id=release.function_id).exclude(pk=release.pk)
