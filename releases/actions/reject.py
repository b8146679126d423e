"""Reject: the release ends, and what it staged is taken back."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy, queues
from releases.actions.approve import as_shown
from releases.actions.refusal import refused
from releases.actions.transition import transition
from releases.audit import Evidence, Named, Origin, named
from releases.errors import InvalidInput
from releases.models import Decision, Release, Verdict, role_for
from releases.states import ReleaseState


def reject(
    release: Release, *, by: User, origin: Origin, fingerprint: str, reason: str
) -> Decision:
    """Say no, with the reason that everybody will read.

    Raises InvalidInput without a reason, NotAllowed, and StaleRelease if the release is no
    longer what `by` was shown.
    """
    reason = reason.strip()
    with refused("reject", release, by=by, origin=origin), transaction.atomic():
        locked = Release.objects.select_for_update().get(pk=release.pk)
        policy.require(policy.can_reject(by, locked))
        if not reason:
            raise InvalidInput("Say why: a rejection needs a note.", field="note")
        round_ = as_shown(locked, locked.current_round, fingerprint)
        round_.decisions.filter(person=by, withdrawn_at__isnull=True).update(
            withdrawn_at=timezone.now()
        )
        decision = Decision.objects.create(
            round=round_,
            person=by,
            role=role_for(by, locked.function),
            verdict=Verdict.REJECT,
            fingerprint=fingerprint,
            reason=reason,
        )
        end(
            locked,
            ReleaseState.REJECTED,
            by=by,
            origin=origin,
            reason=reason,
            about=named(round_, locked.artifact),
        )
    release.refresh_from_db()
    return decision


def end(
    release: Release,
    ends_as: ReleaseState,
    *,
    by: User,
    origin: Origin,
    reason: str,
    about: Sequence[Named] = (),
) -> None:
    """Begin to withdraw: the worker puts back what was staged, then the release ends."""
    transition(
        release,
        ReleaseState.WITHDRAWING,
        by=by,
        origin=origin,
        said={"reason": reason, "ends_as": ends_as.value},
        evidence=Evidence(about),
        ends_as=ends_as,
        ends_because=reason,
    )
    queues.enqueue_release(release.pk)
