"""What moved in AWS since Sluice last looked, and was not Sluice itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from releases.actions.read_function import Reading
from releases.actions.standing import Moves, Standing, is_alias_move, moves
from releases.aws.types import AliasState
from releases.fingerprint import runs_the_same
from releases.models import (
    AwsCall,
    CallStatus,
    Drift,
    DriftKind,
    DriftState,
    Function,
    Release,
    RollbackState,
)
from releases.states import ReleaseState

GRACE = timedelta(minutes=1)

NOTHING = Moves([], [], [])


def has_moved(function: Function, reading: Reading) -> bool:
    """Whether anything that a page shows is another than was kept, RevisionIds included."""
    if function.latest_revision_id != reading.latest.revision_id:
        return True
    return aliases_moved(function, reading.aliases)


def aliases_moved(function: Function, aliases: Iterable[AliasState]) -> bool:
    """Weights count besides RevisionIds: AWS sets and takes away some by itself (facts H9)."""
    known = {each.name: (each.revision_id, each.weights) for each in function.aliases.all()}
    return known != {each.name: (each.revision_id, dict(each.weights)) for each in aliases}


def is_overtaken(function: Function, began: datetime) -> bool:
    """Whether more is known of the function than a reading tells that began then.

    Somebody read it after `function` was, a release went live, or a rollback was done.
    Locks it; in a transaction.
    """
    locked = Function.objects.select_for_update().get(pk=function.pk)
    return is_past(function, locked, began)


def is_past(function: Function, locked: Function, began: datetime) -> bool:
    """As `is_overtaken`, where the function's row was locked already, and read as `locked`."""
    if _marks(locked) != _marks(function):
        return True
    done = function.rollbacks.filter(state=RollbackState.DONE, finished_at__gte=began)
    return done.exists()


def _marks(function: Function) -> tuple[object, ...]:
    """What every reading moves, and every move of the live alias by Sluice itself."""
    return function.synced_at, function.live_version, function.left_version, function.left_at


def drift(function: Function, reading: Reading) -> Moves:
    """How `$LATEST` and live moved outside Sluice; environment values stay out."""
    if not function.latest_code_sha256:
        return NOTHING
    was, now = Standing.known(function), Standing.read(function, reading)
    if not moves(was, now, alias=function.live_alias):
        # What Sluice did itself is only taken away from that.
        return NOTHING
    return moves(
        was,
        now,
        alias=function.live_alias,
        ours=our_releases(function),
        rolled_back_to=rolled_back_to(function),
    )


def rolled_back_to(function: Function) -> set[int]:
    """Where people may have pointed the alias since Sluice last looked.

    A reading taken before a rollback may be written down after it, hence the grace.
    """
    since = (function.synced_at or timezone.now()) - GRACE
    recent = function.rollbacks.filter(
        # One that failed or gave way may have been done unheard.
        Q(state=RollbackState.MOVING) | Q(finished_at__gte=since, began_at__isnull=False)
    )
    return set(recent.values_list("to_version", flat=True))


def is_our_rollback(function: Function, moved: list[str]) -> bool:
    """Whether only the live alias moved, and to where somebody just rolled back."""
    if not all(is_alias_move(each, function.live_alias) for each in moved):
        return False
    live = Function.objects.values_list("live_version", flat=True).get(pk=function.pk)
    return live in rolled_back_to(function)


def our_releases(function: Function) -> list[Release]:
    """The releases for which Sluice may have written to AWS since it last looked."""
    writes = AwsCall.objects.filter(
        release__function=function, is_write=True, sent_at__gte=function.synced_at
    ).exclude(status=CallStatus.ERROR)
    related = Release.objects.select_related("artifact", "before_stage")
    return list(related.filter(pk__in=writes.values("release")))


def takes_drift_in(release: Release) -> bool:
    """Whether a release takes in what somebody did outside Sluice: `$LATEST` as it stands may.

    What was ignored counts until a release went out: ignoring it reviewed nothing. Promoted, the
    bytes of such a release are still nobody's here.
    """
    if release.promoted_from is not None and release.promoted_from.took_drift_in:
        return True
    if release.artifact_id is not None:
        return False
    for each in _undecided(release.function):
        if each.has(DriftKind.CODE, DriftKind.CONFIGURATION, DriftKind.RECREATED) and (
            each.is_open or _is_there_still(each, release.function)
        ):
            return True
    return False


def _undecided(function: Function) -> list[Drift]:
    """The open drift, and what was ignored since the last release of the function."""
    out = Release.objects.filter(function=function, state=ReleaseState.RELEASED)
    last = out.order_by("-finished_at").values_list("finished_at", flat=True).first()
    ignored = Q(state=DriftState.IGNORED)
    if last is not None:
        ignored &= Q(closed_at__gt=last)
    return list(function.drifts.filter(Q(state=DriftState.OPEN) | ignored))


def _is_there_still(drift: Drift, function: Function) -> bool:
    code = drift.has(DriftKind.CODE) and drift.after_code_sha256 == function.latest_code_sha256
    settings = drift.has(DriftKind.CONFIGURATION) and runs_the_same(
        drift.after_configuration, function.latest_configuration
    )
    return code or settings
