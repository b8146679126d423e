"""Supersede: a newer release takes the place of an older one that is not approved yet."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy, queues
from releases.actions.cancel import cancel_locked
from releases.actions.refusal import refused
from releases.audit import Origin, named, record
from releases.errors import StaleRelease
from releases.models import Release
from releases.states import ReleaseState


def supersede(release: Release, older: Release, *, by: User, origin: Origin, seen: str) -> None:
    """Cancel `older`, which `by` saw in the state `seen`, and let `release` go in its place.

    What `older` staged is put back by its ordinary withdrawal before `release` goes on.
    Raises NotAllowed, and StaleRelease if `older` moved meanwhile.
    """
    verb = f"let another release take the place of {older.reference} for"
    with refused(verb, release, by=by, origin=origin), transaction.atomic():
        # By number, as everybody locks releases of one function.
        pair = Release.objects.select_for_update().order_by("pk")
        locked = {each.pk: each for each in pair.filter(pk__in=[release.pk, older.pk])}
        newer, before = locked[release.pk], locked[older.pk]
        if before.state != seen:
            state = ReleaseState(before.state).label.lower()
            raise StaleRelease(f"{before.reference} moved meanwhile: it is {state} now.")
        policy.require(policy.can_supersede(by, newer, before))
        place = before.turn[0]
        if Release.objects.filter(pk=newer.pk, state=newer.state).update(queue_place=place) != 1:
            raise StaleRelease(f"{newer.reference} was moved by somebody else meanwhile.")
        record(
            "release.superseded",
            by=by,
            origin=origin,
            release=newer,
            about=named(before),
            older=before.reference,
        )
        reason = f"superseded by {newer.reference}"
        cancel_locked(before, by=by, origin=origin, reason=reason)
        queues.enqueue_release(newer.pk)
    release.refresh_from_db()
    older.refresh_from_db()
