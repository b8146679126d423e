"""Approve: one person's yes to exactly what the page showed."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy
from releases.actions.gate import let_through_locked
from releases.actions.refusal import refused
from releases.audit import Origin, named, record
from releases.errors import StaleRelease
from releases.models import Decision, Release, Round, Verdict, role_for
from releases.models.present import locked_present


def approve(
    release: Release, *, by: User, origin: Origin, fingerprint: str, note: str = ""
) -> Decision:
    """Give `by`'s approval to `fingerprint`, and let the release through if that was the last.

    Raises NotAllowed (the attempt is recorded) and StaleRelease if the release is no longer
    what `by` was shown.
    """
    with refused("approve", release, by=by, origin=origin), transaction.atomic():
        locked, present = locked_present(release.pk)
        policy.require(policy.can_approve_round(by, locked, present))
        round_ = as_shown(locked, present, fingerprint)
        # What the policy lets stand beside a new approval has expired: this one takes its place.
        expired = round_.decisions.filter(person=by, withdrawn_at__isnull=True)
        expired.update(withdrawn_at=timezone.now())
        decision = Decision.objects.create(
            round=round_,
            person=by,
            role=role_for(by, locked.function),
            verdict=Verdict.APPROVE,
            fingerprint=fingerprint,
            reason=note.strip(),
        )
        counted = policy.tally(round_)
        record(
            "release.approval_given",
            by=by,
            origin=origin,
            release=locked,
            about=named(round_, locked.artifact),
            count=round_.rules.given(counted),
            required=round_.rules.total,
            fingerprint=fingerprint,
            note=note.strip(),
        )
        let_through_locked(locked, round_, counted=counted, origin=origin.caused)
    release.refresh_from_db()
    return decision


def as_shown(release: Release, round_: Round | None, fingerprint: str) -> Round:
    """The round a decision belongs to. Raises StaleRelease if the page showed another one."""
    if round_ is None or round_.closed_at or round_.fingerprint != fingerprint:
        raise StaleRelease(
            f"{release.reference} changed after this page was loaded, so nothing was decided."
            " Look at what it is now, then decide."
        )
    return round_
