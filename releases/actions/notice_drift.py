"""Notice drift: open it, follow it while it moves, and see that it is over by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from releases import fingerprint
from releases.actions.causes import cause_of
from releases.actions.drift import drift, our_releases, rolled_back_to
from releases.actions.read_function import Reading
from releases.actions.standing import Moves, Standing, moves
from releases.actions.trace import look_for_author
from releases.audit import Named, Origin, named, named_version, record
from releases.audit.named import LONGEST_NAME
from releases.aws.types import FunctionState
from releases.models import Drift, DriftKind, DriftState, Function, Release, Version, Way
from releases.models.functions import GONE

DELETED = "it is no longer in AWS"
RECREATED = "it was deleted in AWS and made again"
UNDONE = "it is as it was before the change"


def open_drift(function: Function) -> Drift | None:
    """The one open drift, locked after its function, as everybody does; in a transaction."""
    Function.objects.select_for_update().get(pk=function.pk)
    return open_drift_of(function)


def open_drift_of(locked: Function) -> Drift | None:
    """As `open_drift`, where the function's row is locked already."""
    return Drift.objects.open().select_for_update().filter(function=locked).first()


def notice(
    function: Function,
    reading: Reading,
    *,
    release: Release | None = None,
    recreated: bool = False,
    origin: Origin | None = None,
) -> None:
    """Compare a reading with what is known, before it is kept; call in a transaction, with the
    function's row locked, as `is_overtaken` does.

    What Sluice wrote itself is never drift. `release` is the one in flight, and `origin` the
    click that had it read, for the history.
    """
    outside, now = drift(function, reading), Standing.read(function, reading)
    found = open_drift_of(function)
    _forget_own_move(function, outside)
    if found and _written_back(found, now):
        close(found, DriftState.RESTORED, by=found.chosen_by, ids=reading.request_ids)
    elif recreated:
        words, kinds = [RECREATED, *outside.words], [DriftKind.RECREATED, *outside.kinds]
        seen = Seen(reading.latest, release, origin, reading.request_ids)
        _keep(function, found, now, words, kinds, seen)
    elif found and (not outside or _is_as_before(found, now)):
        if _is_as_before(found, now) and not found.way_under_way:
            close(found, DriftState.GONE, reason=UNDONE, origin=origin, ids=reading.request_ids)
    elif outside and not _undoes_an_ignored(function, now):
        whole = _whole(found, function, now) if found else outside
        seen = Seen(reading.latest, release, origin, reading.request_ids)
        _keep(function, found, now, whole.words, whole.kinds, seen, outside)


def notice_whole(function: Function, reading: Reading, *, origin: Origin) -> None:
    """As `notice`, for a reading with its versions: it tells whether the function was made again.

    What a person sees before the next poll is as new to the history. Call in a transaction.
    """
    recreated = function.poll_problem == GONE or was_recreated(function, reading)
    notice(function, reading, recreated=recreated, origin=origin)
    if recreated:
        set_former_versions_aside(function)
    Function.objects.filter(pk=function.pk).update(poll_problem="", moved_at=None)


def notice_deleted(function: Function, *, release: Release | None) -> None:
    """The function is gone from AWS; call in a transaction, once."""
    found = open_drift(function)
    kept = Standing.after(found) if found else Standing.known(function)
    _keep(function, found, kept, [DELETED], [DriftKind.DELETED], Seen(None, release))


def was_recreated(function: Function, reading: Reading) -> bool:
    """Whether this is another function of the same name, given a reading with its versions.

    A version's RevisionId never moves (facts A6): the same number with another is another's.
    """
    known = dict(function.versions.exclude(revision_id="").values_list("number", "revision_id"))
    listed = {each.number: each.revision_id for each in reading.versions}
    if not listed:
        # A version that an alias points at cannot be deleted by itself (facts I3).
        return function.live_version in known and reading.alias(function.live_alias) is None
    return any(known[number] != listed[number] for number in known.keys() & listed.keys())


def set_former_versions_aside(function: Function) -> None:
    """Versions of a function that was deleted stay in the history, out of the way of new ones."""
    function.versions.update(replaced_at=timezone.now())


def released(release: Release) -> None:
    """A release went out: what drifted was reviewed with it, or was replaced by it.

    Call in the transaction that ends it.
    """
    found = open_drift(release.function)
    if found is None or found.has(DriftKind.DELETED):
        return
    by = found.chosen_by if found.release_id == release.pk else None
    if found.release_id == release.pk and found.way == Way.RESTORE:
        close(found, DriftState.RESTORED, by=by, reason=f"by {release.reference}")
    elif _stands_in(found, release):
        close(found, DriftState.ADOPTED, by=by, reason=f"released with {release.reference}")
    else:
        close(found, DriftState.GONE, reason=f"{release.reference} was released in its place")


def close(
    found: Drift,
    state: DriftState,
    *,
    by: User | None = None,
    origin: Origin | None = None,
    reason: str = "",
    ids: Sequence[str] = (),
) -> None:
    """End an open drift and say so; a drift that somebody ended first stays as it is."""
    fields: dict[str, Any] = {
        "state": state,
        "closed_at": timezone.now(),
        "closed_by": by,
        "reason": reason or found.reason,
    }
    if Drift.objects.open().filter(pk=found.pk).update(**fields) != 1:
        return
    for name, value in fields.items():
        setattr(found, name, value)
    said = found.said() | {"reason": fields["reason"] or "no reason given"}
    about = [*named(found, found.release), *named_version(found.restores_version)]
    record(
        f"drift.{state}",
        by=by,
        origin=origin,
        function=found.function,
        about=about,
        aws_request_ids=ids,
        **said,
    )


@dataclass(frozen=True)
class Seen:
    """What AWS showed, None where the function is gone, and how the history came to know it."""

    latest: FunctionState | None
    release: Release | None
    origin: Origin | None = None
    request_ids: tuple[str, ...] = ()


# --- how ---------------------------------------------------------------------------------------
def _forget_own_move(function: Function, outside: Moves) -> None:
    """AWS has had its time to move traffic over, or somebody else moved the alias since."""
    left = function.left
    if left and (outside.alias or not left.is_recent):
        function.left_version = function.left_at = None
        function.save(update_fields=["left_version", "left_at"])


def _keep(
    function: Function,
    found: Drift | None,
    now: Standing,
    words: list[str],
    kinds: Iterable[str],
    seen: Seen,
    news: Moves | None = None,
) -> None:
    fields: dict[str, Any] = now.columns("after") | {
        "what": words,
        "kinds": list(dict.fromkeys(str(kind) for kind in kinds)),
        "after_revision_id": seen.latest.revision_id if seen.latest else "",
        "moved_at": timezone.now(),
    }
    if seen.latest:
        text = seen.latest.configuration.get("Description") or ""
        fields["cause"] = cause_of(seen.latest.tags, text)
    was = Standing.known(function)
    if found is None:
        found = Drift.objects.create(function=function, **was.columns("before"), **fields)
    else:
        same = Drift.objects.open().filter(pk=found.pk, revision=found.revision)
        same.update(revision=F("revision") + 1, who="", changed_at=None, **fields)
    detail = "; ".join(news.words if news else words)
    before, after = was.told_apart(now)
    record(
        "function.drifted",
        by=None,
        origin=seen.origin,
        function=function,
        release=seen.release,
        about=[Named("drift", found.pk, detail[:LONGEST_NAME])],
        before=before,
        after=after,
        aws_request_ids=seen.request_ids,
        detail=detail,
    )
    look_for_author(function, seen.release, function.synced_at)


def _whole(found: Drift, function: Function, now: Standing) -> Moves:
    """All that moved since the drift began."""
    return moves(
        Standing.before(found),
        now,
        alias=function.live_alias,
        ours=our_releases(function),
        rolled_back_to=rolled_back_to(function),
    )


def _is_as_before(found: Drift, now: Standing) -> bool:
    """What took the place of a deleted function is another one, however like it."""
    is_another = found.has(DriftKind.DELETED, DriftKind.RECREATED)
    return not is_another and Standing.before(found).is_like(now)


def _undoes_an_ignored(function: Function, now: Standing) -> bool:
    """Back at what was released, from a change that was ignored: nothing is left to decide.

    Where a release or a rollback moved on from that change, going back undoes theirs.
    """
    last = Drift.objects.filter(function=function).first()
    if last is None or last.state != DriftState.IGNORED:
        return False
    stands_at_it = Standing.after(last).is_like(Standing.known(function))
    return stands_at_it and Standing.before(last).is_like(now)


def _written_back(found: Drift, now: Standing) -> bool:
    """A restore that we began and did not see the end of turns out to be done."""
    if found.restores_version is None or found.way_under_way:
        return False
    version = Version.objects.filter(
        function=found.function_id, number=found.restores_version
    ).first()
    return is_restored(version, now) if version else False


def is_restored(version: Version, now: Standing) -> bool:
    """Whether `$LATEST` is this version's code and configuration again."""
    return now.code_sha256 == version.code_sha256 and fingerprint.runs_the_same(
        now.configuration, version.configuration
    )


def _stands_in(found: Drift, release: Release) -> bool:
    """Whether what was released still holds what had drifted."""
    staged = release.staged
    if staged is None:
        return False
    code = found.has(DriftKind.CODE) and staged.code_sha256 == found.after_code_sha256
    settings = found.has(DriftKind.CONFIGURATION) and fingerprint.runs_the_same(
        staged.configuration, found.after_configuration
    )
    return code or settings
