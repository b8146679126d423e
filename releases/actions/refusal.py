"""A refused attempt is part of the history too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from releases.audit import Origin, record
from releases.errors import NotAllowed
from releases.models import Release


@contextmanager
def refused(verb: str, release: Release, *, by: User, origin: Origin) -> Iterator[None]:
    """Record a NotAllowed that leaves this block; must be outside the action's transaction."""
    try:
        yield
    except NotAllowed as error:
        record(
            "release.refused",
            by=by,
            origin=origin,
            release=release,
            verb=verb,
            reason=str(error),
        )
        raise
