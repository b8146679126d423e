"""Retry: send a failed release through again."""

from __future__ import annotations

from accounts.models import User
from releases import policy
from releases.actions.again import again
from releases.audit import Origin
from releases.models import Release


def retry(release: Release, *, by: User, origin: Origin) -> None:
    """Queue a failed release again; its approvals stay as long as nothing moved in AWS.

    Nobody becomes an author by it. Raises NotAllowed, StaleRelease.
    """
    again(
        release,
        "retry",
        policy.can_retry,
        event="release.retried",
        said={"problem": release.error_message},
        by=by,
        origin=origin,
    )
