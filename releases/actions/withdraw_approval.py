"""Withdraw an approval, as long as publishing has not begun."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy
from releases.actions.refusal import refused
from releases.actions.transition import transition
from releases.audit import Origin, named, record
from releases.models import Release
from releases.states import ReleaseState


def withdraw_approval(release: Release, *, by: User, origin: Origin) -> None:
    """Take `by`'s approval back; an approved release waits for approval again.

    Raises NotAllowed if there is none or publishing has begun.
    """
    verb = "withdraw an approval of"
    with refused(verb, release, by=by, origin=origin), transaction.atomic():
        locked = Release.objects.select_for_update().get(pk=release.pk)
        policy.require(policy.can_withdraw_approval(by, locked))
        round_ = locked.rounds.get(number=locked.round_number)
        given = round_.decisions.filter(person=by, withdrawn_at__isnull=True)
        given.update(withdrawn_at=timezone.now())
        record(
            "release.approval_withdrawn",
            by=by,
            origin=origin,
            release=locked,
            about=named(round_, locked.artifact),
        )
        if locked.state == ReleaseState.APPROVED and not policy.enough_approvals(round_):
            transition(
                locked,
                ReleaseState.AWAITING_APPROVAL,
                by=by,
                origin=origin,
                said={"required": round_.rules.who},
            )
    release.refresh_from_db()
