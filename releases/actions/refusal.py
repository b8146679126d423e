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
    with recorded_refusal("release.refused", by=by, origin=origin, release=release, verb=verb):
        yield


@contextmanager
def refused_policy(
    verb: str, subject: Function | Environment, *, by: User, origin: Origin
) -> Iterator[None]:
    """As `refused`, for what somebody tried to do with an approval policy."""
    with recorded_refusal("policy.refused", by=by, origin=origin, verb=verb, **about(subject)):
        yield


def about(subject: Function | Environment) -> dict[str, Any]:
    """How `record` is told what a policy belongs to."""
    kind = "environment" if isinstance(subject, Environment) else "function"
    return {kind: subject, "subject": subject.name}


@contextmanager
def refused_function(verb: str, function: Function, *, by: User, origin: Origin) -> Iterator[None]:
    """As `refused`, for holding and resuming."""
    with recorded_refusal(
        "function.hold_refused", by=by, origin=origin, function=function, verb=verb
    ):
        yield


@contextmanager
def refused_rollback(verb: str, function: Function, *, by: User, origin: Origin) -> Iterator[None]:
    """As `refused`, for what somebody tried to do with a rollback."""
    with recorded_refusal("rollback.refused", by=by, origin=origin, function=function, verb=verb):
        yield


@contextmanager
def refused_environment(
    verb: str, environment: Environment | None, *, by: User, origin: Origin
) -> Iterator[None]:
    """As `refused`, for what somebody tried to do with an environment, or with all of them."""
    with recorded_refusal(
        "environment.refused", by=by, origin=origin, environment=environment, verb=verb
    ):
        yield


@contextmanager
def recorded_refusal(event: str, *, by: User, origin: Origin, **said: Any) -> Iterator[None]:
    """Record a NotAllowed that leaves this block as `event`, with its reason."""
    try:
        yield
    except NotAllowed as error:
        record(event, by=by, origin=origin, reason=str(error), **said)
        raise
