"""Put back: the code of an earlier version, for a function whose callers run `$LATEST`.

There is no alias to move, so it goes through check, stage and publish like any release; it skips
the gate where the function's policy lets one person roll back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from releases import policy, queues, rollback_policy
from releases.actions.cancel import cancel_locked
from releases.actions.fetch_code import fetch
from releases.actions.hold import hold_or_keep
from releases.actions.refusal import refused_rollback
from releases.audit import Origin, record
from releases.audit.aws_calls import gateway_for
from releases.errors import InvalidInput, StaleRelease
from releases.models import Artifact, Function, Release, Version
from releases.packages.store import artifacts, package_name
from releases.states import ReleaseState

# Before everything that waits in the function's queue.
FIRST = 0


@dataclass(frozen=True)
class Wanted:
    """What goes back, why, and the code that the person saw callers run."""

    version: Version
    artifact: Artifact
    reason: str
    seen: str


def put_back(
    function: Function, *, to: int, reason: str, seen: str, by: User, origin: Origin
) -> Release:
    """Queue a release of version `to`'s code, before all others, and put the function on hold.

    What is in flight is cancelled, and what it staged is put back first. Raises NotAllowed,
    InvalidInput naming the field, StaleRelease if callers run other code than `seen` by now or a
    release is being written to AWS, AwsError, PackageError.
    """
    reason = reason.strip()
    if not reason:
        raise InvalidInput("Say why: it is kept in the history.", field="reason")
    version = Version.objects.filter(function=function, number=to).first()
    with refused_rollback("roll", function, by=by, origin=origin):
        policy.require(rollback_policy.can_put_back(by, function, version))
    assert version is not None  # noqa: S101 - the policy refuses what is not there
    wanted = Wanted(version, _code(function, version), reason, seen)
    with refused_rollback("roll", function, by=by, origin=origin), transaction.atomic():
        return _queue(function, wanted, by=by, origin=origin)


def _queue(function: Function, wanted: Wanted, *, by: User, origin: Origin) -> Release:
    # Releases before their function, as everybody locks them.
    flying = Release.objects.in_flight().filter(function=function)
    in_flight = flying.select_for_update(of=("self",)).first()
    locked = Function.objects.select_for_update().get(pk=function.pk)
    policy.require(rollback_policy.can_put_back(by, locked, wanted.version))
    if locked.latest_code_sha256 != wanted.seen:
        raise StaleRelease(
            f"{locked.name} runs other code than this page showed, and nothing was done."
            " Look again, then decide."
        )
    if in_flight:
        _make_way(in_flight, wanted, by=by, origin=origin)
    hold_or_keep(locked, reason=f"rolled back to {wanted.version}: {wanted.reason}", by=by,
                 origin=origin)  # fmt: skip
    release = Release.of(
        locked,
        requested_by=by,
        artifact=wanted.artifact,
        state=ReleaseState.QUEUED,
        queue_place=FIRST,
        description=f"Rolls back to {wanted.version}",
        rolls_back_to=wanted.version.number,
        skips_gate=not rollback_policy.needs_second(locked, wanted.version),
    )
    release.save()
    record(
        "rollback.put_back",
        by=by,
        origin=origin,
        release=release,
        to=wanted.version.number,
        reason=wanted.reason,
    )
    queues.enqueue_release(release.pk)
    return release


def _make_way(in_flight: Release, wanted: Wanted, *, by: User, origin: Origin) -> None:
    may = policy.can_cancel(by, in_flight)
    if not may:
        raise StaleRelease(f"{may.reason} Try again when it is through.")
    reason = f"made way for rolling back to {wanted.version}"
    cancel_locked(in_flight, by=by, origin=origin, reason=reason)


def _code(function: Function, version: Version) -> Artifact:
    """The version's bytes, from our store or from AWS. Raises AwsError, PackageError."""
    known = Artifact.objects.filter(code_sha256=version.code_sha256).first()
    if known and (known.image_uri or artifacts().exists(package_name(known.sha256))):
        return known
    gateway = gateway_for(function.environment)
    return fetch(gateway, gateway.get_function(function.name, str(version.number)))
