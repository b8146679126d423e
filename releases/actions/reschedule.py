"""Reschedule: choose from when on a release may be published."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from releases import policy, queues
from releases.actions.refusal import refused
from releases.audit import Origin, record
from releases.errors import StaleRelease
from releases.models import Release
from releases.schedule import check_not_before, not_before_in_words
from releases.states import ReleaseState


def reschedule(
    release: Release,
    *,
    by: User,
    origin: Origin,
    seen: datetime | None,
    not_before: datetime | None,
) -> None:
    """Change the time from `seen`, what `by` was shown, to `not_before`; None is at once.

    Nobody becomes an author by it, and no approval lapses.
    Raises NotAllowed, InvalidInput, and StaleRelease if somebody else chose a time meanwhile.
    """
    with refused("reschedule", release, by=by, origin=origin), transaction.atomic():
        locked = Release.objects.select_for_update().get(pk=release.pk)
        policy.require(policy.can_reschedule(by, locked))
        if locked.not_before == not_before:
            return
        if locked.not_before != seen:
            raise StaleRelease(
                f"{locked.reference} was rescheduled meanwhile: it now goes"
                f" {not_before_in_words(locked.not_before)}. Nothing was changed by your click."
            )
        check_not_before(not_before)
        fields = {"not_before": not_before}
        if locked.state == ReleaseState.APPROVED:
            # The worker reads the new time, and waits for it or goes on.
            fields["due_at"] = None
        Release.objects.filter(pk=locked.pk).update(**fields)
        when = not_before_in_words(not_before)
        record(
            "release.scheduled",
            by=by,
            origin=origin,
            release=locked,
            when=when,
            before={"not_before": locked.not_before and locked.not_before.isoformat()},
            after={"not_before": not_before and not_before.isoformat()},
        )
        if locked.state == ReleaseState.APPROVED:
            queues.enqueue_release(locked.pk)
    release.refresh_from_db()
