"""Restore: put `$LATEST` back to what was released last.

Code goes back by an ordinary release. Configuration is read from the published version at this
moment and written straight back, in the gateway's memory only.
"""

from __future__ import annotations

import time
from functools import partial

from django.db import transaction
from django.db.models import F

from accounts.models import User
from releases import drift_policy, policy
from releases.actions.create_release import queue_release
from releases.actions.drift_choice import chosen, refused_drift
from releases.actions.fetch_code import code_of_version
from releases.actions.notice_drift import close, is_restored, open_drift
from releases.actions.read_function import Reading, remember_latest
from releases.actions.standing import Standing, moves
from releases.audit import Origin, named, record
from releases.audit.aws_calls import gateway_for
from releases.aws.errors import OutcomeUnknown, Permanent, RevisionMismatch
from releases.aws.gateway import Gateway
from releases.aws.types import FunctionState
from releases.errors import StaleDrift
from releases.fingerprint import runs_the_same
from releases.models import Artifact, Drift, DriftKind, DriftState, Function, Release, Version, Way

PATIENCE, PAUSE = 8.0, 0.2


def restore_drift(drift: Drift, *, by: User, origin: Origin, seen: int) -> Release | None:
    """Write the configuration back and request a release of the code, where they moved.

    Returns that release. Safe to do twice, and after a crash anywhere: it looks first.
    Raises NotAllowed, StaleDrift, AwsError.
    """
    with refused_drift("restore", drift, by=by, origin=origin):
        with transaction.atomic():
            locked = chosen(drift, seen=seen)
            policy.require(drift_policy.can_restore_drift(by, locked))
            version = _begin(locked, by=by, origin=origin)
        gateway = gateway_for(
            drift.function.environment, before_write=partial(_still_allowed, locked.function)
        )
        latest = _configuration(gateway, locked, version)
        release = None
        if latest.code_sha256 == version.code_sha256:
            ids = gateway.request_ids
            _end(locked, version, latest, by=by, origin=origin, ids=ids)
        else:
            artifact = code_of_version(gateway, locked.function, version)
            release = _release(locked, version, artifact, latest, by=by, origin=origin)
    drift.refresh_from_db()
    return release


def _begin(locked: Drift, *, by: User, origin: Origin) -> Version:
    """Commit the intent: what AWS shows from now on may be our own doing."""
    version = drift_policy.restored_version(locked)
    assert version is not None  # noqa: S101 - the policy made sure of it
    Drift.objects.filter(pk=locked.pk).update(
        way=Way.RESTORE,
        release=None,
        restores_version=version.number,
        chosen_by=by,
        revision=F("revision") + 1,
    )
    said = locked.said() | {"version": str(version)}
    about = named(locked, version)
    record("drift.restoring", by=by, origin=origin, function=locked.function, about=about, **said)
    return version


def _still_allowed(function: Function) -> None:
    """What came between the click and the write has the last word. Raises StaleDrift."""
    with transaction.atomic():
        locked = Function.objects.locked_with_environment().get(pk=function.pk)
        may = drift_policy.may_write_latest(locked)
    if not may:
        raise StaleDrift(f"{may.reason} Nothing was written.")


def _configuration(gateway: Gateway, drift: Drift, version: Version) -> FunctionState:
    """`$LATEST` with the version's configuration, written unless it is so already."""
    name, now = drift.function.name, gateway.get_function(drift.function.name)
    _refuse_unseen(drift, version, now)
    if not drift.has(DriftKind.CONFIGURATION):
        return now
    try:
        gateway.restore_configuration(
            name,
            str(version.number),
            revision_id=now.revision_id,
            description=drift.before_configuration.get("Description"),
        )
    except RevisionMismatch as error:
        raise StaleDrift(
            f"{name} was changed again at this very moment, so nothing was written. Look again."
        ) from error
    except OutcomeUnknown:
        # The answer is lost, not necessarily the write: what AWS shows next decides.
        pass
    return _settled(gateway, drift.function, now)


def _refuse_unseen(drift: Drift, version: Version, now: FunctionState) -> None:
    """Nobody overwrites what their page did not show. Raises StaleDrift."""
    shown, seen = Standing.after(drift), _standing(drift.function, now)
    known_code = seen.code_sha256 in (shown.code_sha256, version.code_sha256)
    as_shown = runs_the_same(seen.configuration, shown.configuration)
    if known_code and (as_shown or runs_the_same(seen.configuration, version.configuration)):
        return
    raise StaleDrift(
        f"{drift.function.name} is not what this page showed any more, so nothing was written."
        " Read it from AWS again, then choose."
    )


def _standing(function: Function, latest: FunctionState) -> Standing:
    """`$LATEST` as read; live as it is known, which a restore does not touch."""
    read, known = Standing.read(function, Reading(latest, [], [])), Standing.known(function)
    return Standing(read.code_sha256, read.configuration, known.version, known.weights)


def _settled(gateway: Gateway, function: Function, before: FunctionState) -> FunctionState:
    deadline = time.monotonic() + PATIENCE
    while not (state := gateway.get_function(function.name)).is_settled:
        if time.monotonic() >= deadline:
            raise StaleDrift(
                f"AWS is still taking the configuration of {function.name}."
                " This page says so when it is done."
            )
        time.sleep(PAUSE)
    if not state.is_usable:
        why = state.last_update_reason or "no reason given"
        raise Permanent(
            f"AWS could not take the configuration: {why}",
            name=state.last_update_reason_code or "LastUpdateFailed",
            operation="UpdateFunctionConfiguration",
        )
    return state


def _end(
    drift: Drift,
    version: Version,
    latest: FunctionState,
    *,
    by: User,
    origin: Origin,
    ids: list[str],
) -> None:
    if not is_restored(version, _standing(drift.function, latest)):
        raise StaleDrift(
            f"{drift.function.name} does not hold the configuration of {version} yet."
            " Read it from AWS again, then choose."
        )
    with transaction.atomic():
        function = Function.objects.select_for_update().get(pk=drift.function_id)
        found = open_drift(function)
        if found and found.pk == drift.pk:
            close(found, DriftState.RESTORED, by=by, origin=origin, ids=ids)
        remember_latest(function, latest)


def _release(
    drift: Drift,
    version: Version,
    artifact: Artifact,
    latest: FunctionState,
    *,
    by: User,
    origin: Origin,
) -> Release:
    """A release like any other; what is left of the drift is the code that it replaces."""
    with transaction.atomic():
        function = Function.objects.select_for_update().get(pk=drift.function_id)
        release = queue_release(
            function=drift.function,
            intake=None,
            artifact=artifact,
            by=by,
            origin=origin,
            description=f"Puts back the code of {version}",
        )
        now = _standing(function, latest)
        left = moves(Standing.before(drift), now, alias=function.live_alias)
        again = Drift.objects.open().filter(pk=drift.pk, way=Way.RESTORE, release=None)
        seen = {"kinds": left.kinds, "what": left.words, "after_revision_id": latest.revision_id}
        if again.update(release=release, **seen, **now.columns("after")) != 1:
            raise StaleDrift("Somebody else decided on this in the meantime.")
        remember_latest(function, latest)
    return release
