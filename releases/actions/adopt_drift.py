"""Adopt drift: what is in AWS becomes a release, and goes through the gate like any other."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import drift_policy, policy
from releases.actions.create_release import queue_release
from releases.actions.drift_choice import chosen, refused_drift
from releases.audit import Origin, named, record
from releases.models import Authorship, Drift, Release, Way

DESCRIPTION = "Adopts what was changed outside Sluice"


def adopt_drift(drift: Drift, *, by: User, origin: Origin, seen: int) -> Release:
    """Request a release of `$LATEST` as it stands, which needs one approval more.

    `by` becomes an author. The drift stays open until that release is out.
    Raises NotAllowed, StaleDrift.
    """
    with refused_drift("adopt", drift, by=by, origin=origin), transaction.atomic():
        locked = chosen(drift, seen=seen)
        policy.require(drift_policy.can_adopt_drift(by, locked))
        release = queue_release(
            function=locked.function, intake=None, by=by, origin=origin, description=DESCRIPTION
        )
        Authorship.objects.create(release=release, person=by, because=Authorship.ADOPTED)
        Drift.objects.filter(pk=locked.pk).update(
            way=Way.ADOPT, release=release, chosen_by=by, restores_version=None
        )
        about = named(locked)
        record(
            "drift.adopting",
            by=by,
            origin=origin,
            release=release,
            about=about,
            **locked.said(),
        )
    drift.refresh_from_db()
    return release
