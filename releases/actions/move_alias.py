"""Carrying a rollback out: the alias is written to until it stands, and read back.

Safe to run twice, at the same time, and after a crash anywhere.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from releases import queues
from releases.actions.notice_drift import close, open_drift_of
from releases.actions.read_function import keep_own_move
from releases.actions.standing import Standing, is_alias_move
from releases.audit import Origin, named, named_alias, named_version, record
from releases.audit.aws_calls import urgent_gateway
from releases.aws.errors import AwsError, Conflict, OutcomeUnknown, Retryable
from releases.aws.gateway import Gateway
from releases.aws.types import AliasState
from releases.errors import StaleRelease
from releases.models import Drift, DriftKind, DriftState, Function, Rollback, RollbackState
from releases.traffic import aws_moves_words, is_only_on

PAUSES = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 2.0, 2.0)
# Then the person is told that AWS does not answer; the intent stays, and is taken up again.
PATIENCE = 20.0
QUIET = timedelta(seconds=30)
GIVE_UP = timedelta(minutes=15)


def move_alias(
    rollback: Rollback, seen: AliasState | None = None, *, origin: Origin | None = None
) -> Rollback:
    """Point the alias at the rollback's version with all its traffic, and confirm it.

    UpdateAlias is sent also where the alias is there already: it changes the alias's RevisionId
    (facts A9), and so fences a shift that is under way. `seen` is the alias, if it was read just
    now; `origin` is the click, where one waits for it.

    Raises StaleRelease if a newer rollback took over.
    """
    gateway = urgent_gateway(
        rollback.function.environment,
        rollback=rollback,
        before_write=lambda: _still_ours(rollback),
    )
    began, problem = time.monotonic(), ""
    for pause in PAUSES:
        time.sleep(pause)
        if problem:
            # The first time the write itself asks, a moment from now.
            _still_ours(rollback)
        try:
            before, seen = seen, None
            alias = _move(gateway, rollback, before)
        except (Retryable, Conflict, OutcomeUnknown) as error:
            problem = str(error)
        except AwsError as error:
            return _failed(rollback, f"{error} {error.advice}", origin, gateway.request_ids)
        else:
            if _stands(alias, rollback):
                return _done(rollback, alias, origin, gateway.request_ids)
            problem = _why_not(alias, rollback)
        if time.monotonic() - began > PATIENCE:
            break
    return _not_yet(rollback, problem)


def take_up(*, quiet: timedelta = QUIET) -> list[int]:
    """The rollbacks that nobody is at any more; those that took too long are given up."""
    now = timezone.now()
    moving = Rollback.objects.filter(state=RollbackState.MOVING)
    for rollback in moving.filter(began_at__lte=now - GIVE_UP, tried_at__lte=now - quiet):
        problem = f"given up after {GIVE_UP.seconds // 60} minutes: {rollback.problem}"
        _failed(rollback, problem, None, _answered(rollback))
    left = moving.filter(tried_at__lte=now - quiet)
    return list(left.values_list("pk", flat=True))


def _move(gateway: Gateway, rollback: Rollback, before: AliasState | None) -> AliasState:
    name, alias = rollback.function.name, rollback.alias
    before = before or gateway.get_alias(name, alias)
    _keep_what_it_leaves(rollback, before)
    gateway.update_alias(
        name, alias, version=str(rollback.to_version), revision_id=before.revision_id
    )
    return gateway.get_alias(name, alias)


def _keep_what_it_leaves(rollback: Rollback, before: AliasState) -> None:
    """AWS knows best what was live; after a move of ours that nobody heard of, it is the target."""
    left = int(before.version) if before.version.isdigit() else None
    if left in (rollback.to_version, rollback.from_version):
        return
    Rollback.objects.filter(pk=rollback.pk).update(from_version=left)
    rollback.from_version = left


def _stands(alias: AliasState, rollback: Rollback) -> bool:
    """Weights were cleared a moment ago: one on the version just left is AWS's own (facts H9)."""
    if alias.version != str(rollback.to_version):
        return False
    return not alias.weights or is_only_on(alias.weights, rollback.from_version)


def _why_not(alias: AliasState, rollback: Rollback) -> str:
    if alias.version != str(rollback.to_version):
        return f"somebody else keeps moving the alias: it points at v{alias.version}"
    shares = ", ".join(f"{share:.0%} to v{other}" for other, share in alias.weights.items())
    return f"somebody else keeps giving the alias weights: it sends {shares}"


def _still_ours(rollback: Rollback) -> None:
    """Raises StaleRelease unless this is still what people want; says that somebody is at it."""
    moving = Rollback.objects.filter(pk=rollback.pk, state=RollbackState.MOVING)
    if not moving.update(tried_at=timezone.now()):
        raise StaleRelease(_overtaken(rollback))


def _overtaken(rollback: Rollback) -> str:
    now = Rollback.objects.get(pk=rollback.pk)
    newest = Rollback.objects.filter(function=now.function_id).select_related("requested_by")[0]
    if newest.pk == now.pk:
        return f"This rollback has ended: {now.get_state_display().lower()}."
    return (
        f"{newest.requested_by.name} rolled {rollback.function.name} back to"
        f" v{newest.to_version} after you, so yours gave way. Look at what is live now."
    )


def _done(rollback: Rollback, alias: AliasState, origin: Origin | None, ids: list[str]) -> Rollback:
    with transaction.atomic():
        function = Function.objects.locked_with_environment().get(pk=rollback.function_id)
        if not _end(rollback, RollbackState.DONE, ""):
            raise StaleRelease(_overtaken(rollback))
        keep_own_move(function, alias, left=str(rollback.from_version or ""))
        rollback.function = function
        _record(
            "rollback.done",
            rollback,
            origin,
            ids,
            before={"live_version": rollback.from_version},
            after={"live_version": rollback.to_version},
            alias=rollback.alias,
            by_aws=aws_moves_words(rollback.from_version) if alias.weights else "",
        )
        if found := open_drift_of(function):
            _settle_drift(found, function, rollback, origin)
        # Whatever is at its gate was approved against another baseline: seen at once.
        queues.enqueue_poll(function.pk)
    return rollback


def _settle_drift(
    found: Drift, function: Function, rollback: Rollback, origin: Origin | None
) -> None:
    """Where the alias points is no change from outside any more; what else moved is still open.

    Its page showed another version live, so nobody decides on what it said before.
    """
    if found.kinds == [DriftKind.ALIAS.value]:
        reason = f"rolled back to v{rollback.to_version}"
        close(found, DriftState.GONE, origin=origin, reason=reason)
        return
    now = Standing.known(function)
    live = {"version": now.version, "weights": dict(now.weights)}
    Drift.objects.open().filter(pk=found.pk).update(
        kinds=[kind for kind in found.kinds if kind != DriftKind.ALIAS],
        what=[each for each in found.what if not is_alias_move(each, rollback.alias)],
        revision=F("revision") + 1,
        **{f"{side}_{name}": value for side in ("before", "after") for name, value in live.items()},
    )


def _failed(rollback: Rollback, problem: str, origin: Origin | None, ids: list[str]) -> Rollback:
    with transaction.atomic():
        if _end(rollback, RollbackState.FAILED, problem):
            _record("rollback.failed", rollback, origin, ids, problem=problem)
    return Rollback.objects.get(pk=rollback.pk)


def _not_yet(rollback: Rollback, problem: str) -> Rollback:
    moving = Rollback.objects.filter(pk=rollback.pk, state=RollbackState.MOVING)
    moving.update(problem=problem, tried_at=timezone.now())
    return Rollback.objects.get(pk=rollback.pk)


def _end(rollback: Rollback, to: RollbackState, problem: str) -> bool:
    """Write the end once, here and in the object at hand."""
    now = timezone.now()
    moving = Rollback.objects.filter(pk=rollback.pk, state=RollbackState.MOVING)
    if not moving.update(state=to, problem=problem, finished_at=now):
        return False
    rollback.state, rollback.problem, rollback.finished_at = to, problem, now
    return True


def _answered(rollback: Rollback) -> list[str]:
    calls = rollback.aws_calls.exclude(request_id="")
    return list(calls.values_list("request_id", flat=True))


def _record(
    event: str, rollback: Rollback, origin: Origin | None, ids: list[str], **said: Any
) -> None:
    record(
        event,
        by=None,
        origin=origin,
        function=rollback.function,
        about=[
            *named(rollback, rollback.requested_by),
            *named_version(rollback.to_version),
            *named_alias(rollback.alias),
        ],
        aws_request_ids=ids,
        rollback=rollback.pk,
        requester=rollback.requested_by.name,
        to=rollback.to_version,
        **said,
    )
