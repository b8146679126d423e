"""Roll back: the live alias goes to another version, at once, and the function stays there.

In the request itself: no queue, no worker, no gate. Hold and intent are committed first, under
the function's row lock; then AWS is written to, in `move_alias`. Only reading the alias, which
changes nothing, begins at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy, rollback_policy
from releases.actions.hold import hold_for_rollback
from releases.actions.move_alias import move_alias
from releases.actions.refusal import refused_rollback
from releases.audit import Named, Origin, named, named_alias, named_version, record
from releases.audit.aws_calls import urgent_reader_for
from releases.aws.errors import AwsError
from releases.aws.gateway import Gateway
from releases.aws.types import AliasState
from releases.errors import InvalidInput, StaleRelease
from releases.models import Function, Rollback, RollbackState, Version
from releases.models.holds import UNDECIDED


@dataclass(frozen=True)
class Seen:
    """What the sheet showed: the live version, and the newest rollback (0 for none)."""

    live_version: int | None
    rollback: int


def seen_of(function: Function) -> Seen:
    newest = function.rollbacks.values_list("pk", flat=True).first()
    return Seen(function.live_version, newest or 0)


def roll_back(
    function: Function, *, to: int, reason: str, seen: Seen, by: User, origin: Origin
) -> Rollback:
    """Move the live alias to version `to`, with all callers, and put the function on hold.

    Returns the rollback: done, failed, still moving if AWS does not answer, or waiting for a
    second person where one has to agree. Raises NotAllowed, InvalidInput naming the field,
    StaleRelease if what is live is not what `by` saw, or a newer rollback took over.
    """
    reason = reason.strip()
    worth_asking = bool(rollback_policy.can_roll_back(by, function) and reason)
    with refused_rollback("roll", function, by=by, origin=origin):
        with _asking(function) if worth_asking else nullcontext(_no_answer) as answer:
            doubtful = rollback_policy.is_live_already(function, to)
            alias = answer() if doubtful else None
            with transaction.atomic():
                intent = _intend(function.pk, to, reason, seen, alias, by, origin)
            if intent.state != RollbackState.MOVING:
                return intent
            alias = answer()
        return move_alias(intent, alias, origin=origin.caused)


@contextmanager
def _asking(function: Function) -> Iterator[Callable[[], AliasState | None]]:
    """AWS is asked for the alias while the intent is being committed; yields how to hear it.

    So the answer may be older than the intent. No harm: UpdateAlias carries its RevisionId, and
    where somebody moved the alias in between, AWS refuses it and the alias is read again.
    """
    gateway = urgent_reader_for(function.environment)
    with ThreadPoolExecutor(max_workers=1) as beside:
        yield beside.submit(_ask, gateway, function).result


def _ask(gateway: Gateway, function: Function) -> AliasState | None:
    """What was read last may be minutes old: AWS tells, and is not asked again. None if it does
    not answer, which stops nobody. In a thread of its own, which may not ask the database."""
    try:
        return gateway.get_alias(function.name, function.live_alias)
    except AwsError:
        return None


def _no_answer() -> None:
    """For what is refused anyway: AWS is not asked."""


def second_rollback(rollback: Rollback, *, by: User, origin: Origin) -> Rollback:
    """The second person agrees: the rollback goes ahead. Raises NotAllowed, StaleRelease."""
    function = rollback.function
    with refused_rollback("agree to roll", function, by=by, origin=origin):
        with transaction.atomic():
            locked = Function.objects.select_for_update().get(pk=function.pk)
            waiting = Rollback.objects.select_related("requested_by").get(pk=rollback.pk)
            waiting.function = locked
            may = rollback_policy.can_second(by, waiting)
            if may.is_passing and waiting.state == RollbackState.WAITING:
                raise StaleRelease(may.reason)
            policy.require(may)
            record(
                "rollback.seconded",
                by=by,
                origin=origin,
                function=locked,
                about=named(waiting, waiting.requested_by),
                rollback=waiting.pk,
                requester=waiting.requested_by.name,
                to=waiting.to_version,
            )
            waiting.seconded_by = by
            _begin(locked, waiting, by=waiting.requested_by, origin=origin)
        return move_alias(waiting, origin=origin.caused)


def withdraw_rollback(rollback: Rollback, *, reason: str, by: User, origin: Origin) -> None:
    """Nobody agrees, or it is not needed any more. Raises NotAllowed, InvalidInput."""
    reason = reason.strip()
    function = rollback.function
    with refused_rollback("withdraw rolling", function, by=by, origin=origin), transaction.atomic():
        locked = Function.objects.select_for_update().get(pk=function.pk)
        waiting = Rollback.objects.get(pk=rollback.pk)
        policy.require(rollback_policy.can_withdraw_rollback(by, waiting))
        if not reason:
            raise InvalidInput("Say why: whoever asked for it will read it.", field="reason")
        _finish(waiting, RollbackState.WITHDRAWN, reason)
        record(
            "rollback.withdrawn",
            by=by,
            origin=origin,
            function=locked,
            about=_about(waiting),
            rollback=waiting.pk,
            to=waiting.to_version,
            reason=reason,
        )


def try_again(rollback: Rollback, *, by: User, origin: Origin) -> Rollback:
    """AWS did not answer then; ask it now. Raises NotAllowed, StaleRelease."""
    function = rollback.function
    with refused_rollback("roll", function, by=by, origin=origin):
        with transaction.atomic():
            moving = Rollback.objects.get(pk=rollback.pk)
            policy.require(rollback_policy.can_try_again(by, moving))
            record(
                "rollback.tried_again",
                by=by,
                origin=origin,
                function=function,
                about=_about(moving),
                rollback=moving.pk,
                to=moving.to_version,
            )
        return move_alias(moving, origin=origin.caused)


def _intend(
    pk: int,
    to: int,
    reason: str,
    seen: Seen,
    alias: AliasState | None,
    by: User,
    origin: Origin,
) -> Rollback:
    locked = Function.objects.locked_with_environment().get(pk=pk)
    policy.require(rollback_policy.can_roll_back(by, locked))
    if not reason:
        raise InvalidInput("Say why: it is kept in the history.", field="reason")
    if seen != seen_of(locked):
        raise StaleRelease(_moved(locked))
    version = Version.objects.filter(function=locked, number=to).first()
    is_live = alias is not None and rollback_policy.is_live_already(locked, to, alias)
    policy.require(rollback_policy.can_roll_back_to(by, locked, version, is_live=is_live))
    assert version is not None  # noqa: S101 - the policy refuses what is not there
    needed = rollback_policy.needs_second(locked, version)
    _make_room(locked, by=by, origin=origin, only_waiting=bool(needed))
    intent = Rollback(
        function=locked,
        alias=locked.live_alias,
        from_version=locked.live_version if needed else _left(locked, alias),
        to_version=to,
        reason=reason,
        requested_by=by,
        state=RollbackState.WAITING,
    )
    if needed:
        intent.save()
        said = _said(intent) | {"reason": reason, "needed": needed}
        record(
            "rollback.requested",
            by=by,
            origin=origin,
            function=locked,
            about=_about(intent),
            **said,
        )
        return intent
    _begin(locked, intent, by=by, origin=origin)
    return intent


def _left(locked: Function, alias: AliasState | None) -> int | None:
    is_told = alias is not None and alias.version.isdigit()
    return int(alias.version) if alias and is_told else locked.live_version


def _begin(locked: Function, intent: Rollback, *, by: User, origin: Origin) -> None:
    """Hold and intent: from this commit on the pipeline keeps its hands off the function."""
    to = f"v{intent.to_version}"
    hold = hold_for_rollback(locked, to=to, reason=intent.reason, by=by, origin=origin)
    intent.hold, intent.state = hold, RollbackState.MOVING
    intent.click = origin.request_id
    intent.began_at = intent.tried_at = timezone.now()
    intent.save()
    said = _said(intent) | {"reason": intent.reason}
    record(
        "rollback.started",
        by=by,
        origin=origin,
        function=locked,
        about=[*_about(intent), *named(hold)],
        **said,
    )


def _make_room(locked: Function, *, by: User, origin: Origin, only_waiting: bool) -> None:
    """A rollback under way yields, to a newer one by a person and to nothing else.

    One that moves does not yield to a mere request: nobody would be moving the alias then.
    """
    under_way = Rollback.objects.filter(function=locked, state__in=sorted(UNDECIDED))
    for older in under_way.select_related("requested_by"):
        if only_waiting and older.state == RollbackState.MOVING:
            raise StaleRelease(
                f"{older.requested_by.name} is rolling {locked.name} back to v{older.to_version}"
                " at this moment. Ask again when that has ended."
            )
        _finish(older, RollbackState.YIELDED, f"{by.name} rolled back after it")
        record(
            "rollback.yielded",
            by=by,
            origin=origin,
            function=locked,
            about=[*_about(older), *named(older.requested_by)],
            rollback=older.pk,
            requester=older.requested_by.name,
            to=older.to_version,
        )


def _finish(rollback: Rollback, to: RollbackState, problem: str) -> None:
    Rollback.objects.filter(pk=rollback.pk).update(
        state=to, problem=problem, finished_at=timezone.now()
    )


def _said(rollback: Rollback) -> dict[str, Any]:
    was = f"v{rollback.from_version}" if rollback.from_version else "no version"
    return {"rollback": rollback.pk, "was": was, "to": rollback.to_version}


def _about(rollback: Rollback) -> list[Named]:
    return [
        *named(rollback),
        *named_version(rollback.to_version),
        *named_alias(rollback.alias),
    ]


def _moved(function: Function) -> str:
    newest = function.rollbacks.select_related("requested_by").first()
    now = RollbackState.DONE if newest and newest.to_version == function.live_version else None
    if newest and newest.state in (RollbackState.MOVING, now):
        return (
            f"{newest.requested_by.name} rolled {function.name} back to v{newest.to_version}"
            " meanwhile, so nothing was done. Look at what is live now, then decide."
        )
    live = f"v{function.live_version}" if function.live_version else "no version"
    return (
        f"What is live changed after this page was loaded: it is {live} now, and nothing was"
        " done. Look again, then decide."
    )
