"""Stage mine again on top of what is in AWS: one of the three ways out of a conflict."""

from __future__ import annotations

from accounts.models import User
from releases import policy
from releases.actions.again import again
from releases.actions.gate import STAGED_AGAIN
from releases.audit import Origin
from releases.models import Release


def stage_again(release: Release, *, by: User, origin: Origin) -> None:
    """Begin a new round with this release's own package; `by` becomes an author of it.

    Raises NotAllowed, StaleRelease.
    """
    again(
        release,
        "stage again",
        policy.can_stage_again,
        event="release.staged_again",
        said={"overwritten": release.error_message},
        by=by,
        origin=origin,
        because=STAGED_AGAIN,
        # On top of somebody's change it is not what was approved before.
        skips_gate=False,
    )
