"""Freeze: times in which nothing goes out of an environment, or out of all of them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import live, policy, queues, rollback_policy
from releases.actions.gate import AT_THE_GATE, close_round, renew_round
from releases.actions.refusal import recorded_refusal, refused
from releases.actions.transition import transition
from releases.actions.validation import check_entered
from releases.audit import Origin, named, record
from releases.errors import InvalidInput, StaleRelease
from releases.holds import frozen
from releases.models import Environment, Freeze, FreezeOverride, Release
from releases.models.freezes import Recurrence
from releases.states import ReleaseState

# Approved, or past that: whatever would have gone on but for a freeze.
WAIT = (
    ReleaseState.APPROVED,
    ReleaseState.STAGING,
    ReleaseState.PUBLISHING,
    ReleaseState.WITHDRAWING,
)
ENTERED = ("reason", "recurrence", "time_zone")


def freeze(
    environment: Environment | None, *, reason: str, by: User, origin: Origin, **times: Any
) -> Freeze:
    """Place a freeze; `times` are the columns of `Freeze`. Without an environment it is for all.

    Raises NotAllowed, InvalidInput naming the field.
    """
    placed = Freeze(environment=environment, reason=reason.strip(), placed_by=by, **times)
    with (
        recorded_refusal("freeze.refused", by=by, origin=origin, environment=environment,
                         verb="freeze", where=placed.where),
        transaction.atomic(),
    ):  # fmt: skip
        policy.require(rollback_policy.can_freeze(by, environment))
        _check_times(placed)
        check_entered(placed, ENTERED)
        placed.save()
        record("freeze.placed", by=by, origin=origin, environment=environment,
               about=named(placed), after={"where": placed.where, "when": placed.when},
               freeze=placed.pk, where=placed.where, when=placed.when,
               reason=placed.reason)  # fmt: skip
        live.changed("freezes")
    return placed


def end_freeze(standing: Freeze, *, reason: str, by: User, origin: Origin) -> None:
    """Lift a freeze for good; what it kept waiting goes out.

    Raises NotAllowed, InvalidInput naming the field, StaleRelease if it was lifted already.
    """
    reason = reason.strip()
    environment = standing.environment
    with (
        recorded_refusal("freeze.refused", by=by, origin=origin, environment=environment,
                         verb="lift a freeze of", where=standing.where),
        transaction.atomic(),
    ):  # fmt: skip
        policy.require(rollback_policy.can_end_freeze(by, standing))
        if not reason:
            raise InvalidInput("Say why it is lifted.", field="reason")
        open_still = Freeze.objects.filter(pk=standing.pk, ended_at=None)
        if not open_still.update(ended_at=timezone.now(), ended_by=by, ended_because=reason):
            raise StaleRelease("This freeze was lifted by somebody else meanwhile.")
        record("freeze.lifted", by=by, origin=origin, environment=environment,
               about=named(standing), before={"where": standing.where, "when": standing.when},
               freeze=standing.pk, where=standing.where, frozen=standing.reason,
               reason=reason)  # fmt: skip
        live.changed("freezes")
        _wake(environment)


def override_freeze(release: Release, *, reason: str, by: User, origin: Origin) -> None:
    """Let one release out in spite of the freeze that keeps it, for one approval more.

    One that was half way out goes through its check and its gate once more for that.

    Raises NotAllowed, InvalidInput naming the field, StaleRelease if no freeze keeps it.
    """
    reason = reason.strip()
    with refused("override the freeze for", release, by=by, origin=origin), transaction.atomic():
        locked = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
        policy.require(rollback_policy.can_override_freeze(by, locked))
        if not reason:
            raise InvalidInput("Say why it cannot wait.", field="reason")
        standing = frozen(locked)
        if standing is None:
            raise StaleRelease(f"No freeze keeps {locked.reference} any more.")
        FreezeOverride.objects.create(
            release=locked, freeze=standing.freeze, person=by, reason=reason
        )
        record("release.freeze_overridden", by=by, origin=origin, release=locked,
               about=named(standing.freeze), freeze=standing.freeze.pk,
               frozen=standing.freeze.reason, reason=reason)  # fmt: skip
        because = f"{by.name} overrode a freeze, which needs one approval more"
        if locked.state in AT_THE_GATE:
            renew_round(locked, because, origin=origin.caused)
        else:
            _back_to_its_gate(locked, because, by=by, origin=origin)
    release.refresh_from_db()


def _back_to_its_gate(locked: Release, because: str, *, by: User, origin: Origin) -> None:
    """It waits half way, and no worker is at it; what it has done so far is found done again."""
    if round_ := locked.current_round:
        close_round(round_, because, origin=origin.caused)
    moved: dict[str, Any] = {"by": by, "origin": origin}
    transition(locked, ReleaseState.CONFLICT, said={"problem": because}, **moved)
    transition(locked, ReleaseState.QUEUED, said={"round": locked.round_number}, **moved)
    queues.enqueue_release(locked.pk)


def _check_times(placed: Freeze) -> None:
    if placed.recurrence == Recurrence.ONCE:
        if placed.starts_at is None or placed.ends_at is None:
            raise InvalidInput("Say from when to when.", field="starts_at")
        if placed.ends_at <= placed.starts_at:
            raise InvalidInput("It ends before it begins.", field="ends_at")
        if placed.ends_at <= timezone.now():
            raise InvalidInput("This time is past.", field="ends_at")
        return
    if placed.from_time is None or placed.to_time is None:
        raise InvalidInput("Say from which time of day to which.", field="from_time")
    same_day = placed.from_weekday == placed.to_weekday
    if placed.recurrence == Recurrence.WEEKLY and None in (placed.from_weekday, placed.to_weekday):
        raise InvalidInput("Choose the days.", field="from_weekday")
    if same_day and placed.from_time == placed.to_time:
        raise InvalidInput("It would never end. Put a hold, or leave a gap.", field="to_time")


def _wake(environment: Environment | None) -> None:
    approved = Release.objects.filter(state__in=WAIT)
    if environment is not None:
        approved = approved.filter(function__environment=environment)
    # In the order in which everybody locks more than one.
    for pk in approved.order_by("pk").values_list("pk", flat=True):
        # Its own time, if it has one, is found anew when it is looked at.
        Release.objects.filter(pk=pk, state__in=WAIT).update(due_at=None)
        queues.enqueue_release(pk)
