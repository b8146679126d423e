"""A refused attempt is part of the history too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accounts.models import User
from releases.audit import Origin, record
from releases.errors import NotAllowed
from releases.models import Environment, Function, Release


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


@contextmanager
def refused_policy(
    verb: str, subject: Function | Environment, *, by: User, origin: Origin
) -> Iterator[None]:
    """As `refused`, for what somebody tried to do with an approval policy."""
    try:
        yield
    except NotAllowed as error:
        record(
            "policy.refused",
            by=by,
            origin=origin,
            **about(subject),
            verb=verb,
            reason=str(error),
        )
        raise


def about(subject: Function | Environment) -> dict[str, Any]:
    """How `record` is told what a policy belongs to."""
    kind = "environment" if isinstance(subject, Environment) else "function"
    return {kind: subject, "subject": subject.name}


@contextmanager
def refused_function(verb: str, function: Function, *, by: User, origin: Origin) -> Iterator[None]:
    """As `refused`, for holding and resuming."""
    with _recorded("function.hold_refused", verb, function, by=by, origin=origin):
        yield


@contextmanager
def refused_rollback(verb: str, function: Function, *, by: User, origin: Origin) -> Iterator[None]:
    """As `refused`, for what somebody tried to do with a rollback."""
    with _recorded("rollback.refused", verb, function, by=by, origin=origin):
        yield


@contextmanager
def _recorded(
    event: str, verb: str, function: Function, *, by: User, origin: Origin
) -> Iterator[None]:
    try:
        yield
    except NotAllowed as error:
        record(event, by=by, origin=origin, function=function, verb=verb, reason=str(error))
        raise
