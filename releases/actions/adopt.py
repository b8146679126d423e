"""Adopt what is in AWS and review it: one of the three ways out of a conflict."""

from __future__ import annotations

from accounts.models import User
from releases import policy
from releases.actions.again import again
from releases.audit import Origin
from releases.models import Authorship, Release

# What was said of the package that is given up would be said of somebody else's code.
DESCRIPTION = "Adopts what was put on $LATEST outside Sluice"


def adopt(release: Release, *, by: User, origin: Origin) -> None:
    """Make the present `$LATEST` the candidate of a new round that needs one approval more.

    `by` becomes an author. Raises NotAllowed, StaleRelease.
    """
    again(
        release,
        "adopt",
        policy.can_resolve_conflict,
        event="release.adopted",
        said={"adopted": release.error_message},
        by=by,
        origin=origin,
        because=Authorship.ADOPTED,
        artifact=None,
        intake=None,
        warnings=[],
        description=DESCRIPTION,
        architecture="",
        rolls_back_to=None,
        skips_gate=False,
        before_stage=None,
        staged=None,
        version_number=None,
    )
