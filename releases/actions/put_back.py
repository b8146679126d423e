"""Put back: the code of an earlier version, for a function whose callers run `$LATEST`.

There is no alias to move, so it goes through check, stage and publish like any release; it skips
the gate where the function's policy lets one person roll back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from releases import policy, queues, rollback_policy
from releases.actions.cancel import cancel_locked
from releases.actions.fetch_code import code_of_version
from releases.actions.hold import hold_for_rollback
from releases.actions.refusal import refused_rollback
from releases.audit import Origin, named, record
from releases.audit.aws_calls import gateway_for
from releases.errors import InvalidInput, StaleRelease
from releases.models import Artifact, Function, Release, Version
from releases.states import IN_FLIGHT, NEEDS_ATTENTION, ReleaseState

# Before everything that waits in the function's queue.
FIRST = 0


@dataclass(frozen=True)
class Wanted:
    """What goes back, why, the code that the person saw callers run, and how AWS was asked."""

    version: Version
    artifact: Artifact
    reason: str
    seen: str
    aws_request_ids: list[str]


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
        gateway = gateway_for(function.environment)
        artifact = code_of_version(gateway, function, version)
        wanted = Wanted(version, artifact, reason, seen, gateway.request_ids)
        with transaction.atomic():
            return _queue(function, wanted, by=by, origin=origin)


def _queue(function: Function, wanted: Wanted, *, by: User, origin: Origin) -> Release:
    # Releases before their function, as everybody locks them.
    ahead = _ahead(function)
    locked = Function.objects.select_for_update().get(pk=function.pk)
    policy.require(rollback_policy.can_put_back(by, locked, wanted.version))
    if locked.latest_code_sha256 != wanted.seen:
        raise StaleRelease(
            f"{locked.name} runs other code than this page showed, and nothing was done."
            " Look again, then decide."
        )
    for each in ahead:
        _make_way(each, wanted, by=by, origin=origin)
    to = str(wanted.version)
    hold_for_rollback(locked, to=to, reason=wanted.reason, by=by, origin=origin)
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
        about=named(wanted.version, wanted.artifact),
        aws_request_ids=wanted.aws_request_ids,
        to=wanted.version.number,
        reason=wanted.reason,
        skips_gate=release.skips_gate,
    )
    queues.enqueue_release(release.pk)
    return release


def _ahead(function: Function) -> list[Release]:
    """What is in flight, and an earlier rollback that waits for its turn; locked."""
    unstarted = Q(state=ReleaseState.QUEUED, rolls_back_to__isnull=False)
    found = Release.objects.filter(Q(state__in=IN_FLIGHT) | unstarted, function=function)
    return list(found.select_for_update(of=("self",)).select_related("requested_by"))


def _make_way(older: Release, wanted: Wanted, *, by: User, origin: Origin) -> None:
    if older.rolls_back_to == wanted.version.number and older.state not in NEEDS_ATTENTION:
        raise StaleRelease(
            f"{older.requested_by.name} rolls back to {wanted.version} already, with"
            f" {older.reference}, and nothing was done by your click."
        )
    may = policy.can_cancel(by, older)
    if not may:
        raise StaleRelease(f"{may.reason} Try again when it is through.")
    reason = f"made way for rolling back to {wanted.version}"
    cancel_locked(older, by=by, origin=origin, reason=reason)
