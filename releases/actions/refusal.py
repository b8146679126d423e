"""A refused attempt is part of the history too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accounts.models import User
from releases.audit import Origin, record
from releases.aws.errors import AwsError
from releases.errors import InvalidInput, NotAllowed, Refused
from releases.models import Environment, Function, Release
from releases.packages.errors import PackageError

REFUSALS: tuple[type[Exception], ...] = (Refused, AwsError, PackageError)
NOT_ALLOWED, COULD_NOT = "was not allowed to", "could not"
LONGEST_PATH = 200


@contextmanager
def refused(verb: str, release: Release, *, by: User, origin: Origin) -> Iterator[None]:
    """Record a refusal that leaves this block; must be outside the action's transaction."""
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
def refused_settings(verb: str, function: Function, *, by: User, origin: Origin) -> Iterator[None]:
    """As `refused`, for what somebody tried to do with a function itself."""
    with recorded_refusal("function.refused", by=by, origin=origin, function=function, verb=verb):
        yield


@contextmanager
def refused_intake(label: str, function: Function, *, by: User, origin: Origin) -> Iterator[None]:
    """As `refused`, for a package that was not taken, whatever was wrong with it."""
    with recorded_refusal(
        "intake.not_taken",
        by=by,
        origin=origin,
        also=(InvalidInput,),
        function=function,
        label=label[:LONGEST_PATH],
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
def recorded_refusal(
    event: str, *, by: User, origin: Origin, also: tuple[type[Exception], ...] = (), **said: Any
) -> Iterator[None]:
    """Record what leaves this block as `event`, with its reason: a refusal of ours or of AWS.

    `also` are errors that count as a refusal here. It must be outside of the action's
    transaction, which is rolled back: the row is not.
    """
    try:
        yield
    except REFUSALS + also as error:
        if isinstance(error, Refused):
            error.is_recorded = True
        ids = error.request_ids if isinstance(error, AwsError) else ()
        is_no = isinstance(error, NotAllowed) and not error.is_passing
        could_not = NOT_ALLOWED if is_no else COULD_NOT
        said |= {"reason": str(error), "could_not": could_not}
        record(event, by=by, origin=origin, aws_request_ids=ids, **said)
        raise


def refused_request(refusal: Refused, path: str, *, by: User, origin: Origin) -> None:
    """Record what was refused before any action was asked: a form that holds nothing of use."""
    refusal.is_recorded = True
    # An address that leads nowhere may hold what PostgreSQL does not.
    path = path.replace("\x00", "")[:LONGEST_PATH]
    record("person.refused", by=by, origin=origin, path=path, reason=str(refusal))
