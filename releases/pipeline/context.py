"""What every step is given: its release, its lock, its gateway, and a place to write."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from releases.actions.transition import transition
from releases.audit import Evidence, named, named_alias, named_version, record
from releases.audit.aws_calls import gateway_for
from releases.aws.gateway import Gateway
from releases.aws.types import FunctionState
from releases.errors import OnHold, StaleRelease, UnderFreeze
from releases.holds import frozen, staging_is_going_live, why_held
from releases.models import (
    AwsCall,
    CallStatus,
    Function,
    Release,
    Round,
    Snapshot,
    Step,
    StepName,
    StepOutcome,
)
from releases.pipeline.lock import FunctionLock
from releases.states import FINAL, ReleaseState

# So often in a row workers may break off at a step; then it has failed.
MOST_INTERRUPTIONS = 6


@dataclass
class StepContext:
    """One attempt at one step. Everything that writes goes through here, under the lock."""

    release: Release
    step: Step
    lock: FunctionLock
    attempt: uuid.UUID
    gateway: Gateway
    # When the function was last looked at before this step: what it finds moved, moved since.
    looked_at: datetime | None
    # The steps that were tried before this one, the last one first; not more than are looked at.
    before: Sequence[Step] = ()
    _round: Round | None = field(default=None, init=False, repr=False)

    @classmethod
    def begin(cls, release: Release, name: StepName, lock: FunctionLock) -> StepContext:
        """Take the step up: a new attempt, or the running one of this very worker.

        Call in a transaction, with the release's row locked and seen to be ours.
        """
        attempt = release.attempt
        if attempt is None:
            raise StaleRelease(f"{release.reference} belongs to no worker")
        lock.check()
        before = list(release.steps.order_by("-pk")[: MOST_INTERRUPTIONS + 1])
        begun = (name, attempt, release.round_number, None)
        step = next((each for each in before if _begun(each) == begun), None)
        if step is None:
            step = Step.objects.create(
                release=release, name=name, token=attempt, round_number=release.round_number
            )
            record("step.started", by=None, release=release, step=step.get_name_display())
        before = [each for each in before if each.pk != step.pk]
        gateway = gateway_for(
            release.function.environment,
            release=release,
            step=step,
            before_write=partial(may_write, release, lock, name),
        )
        return cls(release, step, lock, attempt, gateway, release.function.synced_at, before)

    @property
    def was_interrupted_too_often(self) -> bool:
        """Whether worker after worker broke off at this step: one more would, too."""
        last = [(each.name, each.outcome) for each in self.before[:MOST_INTERRUPTIONS]]
        return last == [(self.step.name, StepOutcome.INTERRUPTED)] * MOST_INTERRUPTIONS

    @property
    def function(self) -> Function:
        return self.release.function

    @property
    def round(self) -> Round:
        """The review that this step works under: what it reviews never changes once it is open."""
        number = self.release.round_number
        if self._round is None or self._round.number != number:
            rounds = self.release.rounds.select_related("checked", "baseline")
            self._round = rounds.get(number=number)
        return self._round

    def before_write(self) -> None:
        """Raises LockLost or StaleRelease: something is about to be written, in AWS or here.

        In a transaction it stays ours until the commit.
        """
        still_ours(self.release, self.lock)

    def lock_function(self) -> Function:
        """As `before_write`, in a transaction; the function's row as it is now, locked as well."""
        return locked_function(self.release, self.lock)

    def save(self, **fields: Any) -> None:
        """Write fields of the release, if it is still ours. Raises LockLost, StaleRelease."""
        self.lock.check()
        mine = Release.objects.filter(pk=self.release.pk, attempt=self.attempt)
        if mine.update(**fields) != 1:
            raise taken_over(self.release)
        for name, value in fields.items():
            setattr(self.release, name, value)

    def move(self, to: ReleaseState, *, said: dict[str, Any], **fields: Any) -> None:
        self.lock.check()
        evidence = Evidence(aws_request_ids=self.gateway.request_ids)
        if to == ReleaseState.RELEASED:
            evidence = self._what_went_out()
        transition(
            self.release,
            to,
            by=None,
            attempt=self.attempt,
            said=said,
            evidence=evidence,
            **fields,
        )

    def _what_went_out(self) -> Evidence:
        """The version, and AWS's ids of all that this round changed to put it out."""
        release, baseline = self.release, self.round.parts["baseline"]
        writes = release.aws_calls.filter(round_number=release.round_number, is_write=True)
        ids = list(writes.exclude(request_id="").values_list("request_id", flat=True))
        return Evidence(
            about=[
                *named_version(release.version_number),
                *named(release.artifact),
                *named_alias(release.target_alias),
            ],
            before={"live_version": baseline["version"]},
            after={"live_version": str(release.version_number)},
            aws_request_ids=list(dict.fromkeys(ids + self.gateway.request_ids)),
        )

    def finish(self, outcome: StepOutcome, detail: str, *, error_name: str = "") -> None:
        """Close the attempt with a sentence. Call in the transaction of the move it explains."""
        self.step.outcome = outcome
        self.step.detail = detail
        self.step.error_name = error_name
        self.step.finished_at = timezone.now()
        self.step.save(update_fields=["outcome", "detail", "error_name", "finished_at"])
        record(
            f"step.{outcome}",
            by=None,
            release=self.release,
            step=self.step.get_name_display(),
            detail=detail,
            aws_request_ids=self.gateway.request_ids,
        )

    def note(self, detail: str, *, event: str = "step.noted") -> None:
        """Something worth a line of history that does not end the step."""
        with transaction.atomic():
            self.before_write()
            self._note(detail, event)

    def _note(self, detail: str, event: str) -> None:
        record(
            event,
            by=None,
            release=self.release,
            step=self.step.get_name_display(),
            detail=detail,
            aws_request_ids=self.gateway.request_ids,
        )

    def snapshot(self, state: FunctionState, *, qualifier: str) -> Snapshot:
        return Snapshot.of(self.function, state, qualifier=qualifier)

    def unclear(self, operation: str) -> bool:
        """Whether this step sent a call in this round that may have been done unheard."""
        return self._unclear(operation).exists()

    def was_sent(self, operation: str) -> bool:
        """Whether this step sent such a call in this round and AWS did not refuse it."""
        return self._sent(operation).exclude(status=CallStatus.ERROR).exists()

    def adopt(self, operation: str, detail: str) -> None:
        """An unclear call turned out to have been done; or somebody else did just that."""
        with transaction.atomic():
            self.before_write()
            adopted = self._unclear(operation).update(status=CallStatus.ADOPTED)
            self._note(detail, "step.adopted" if adopted else "step.noted")

    def _unclear(self, operation: str) -> QuerySet[AwsCall]:
        return self._sent(operation).filter(status__in=[CallStatus.SENT, CallStatus.UNKNOWN])

    def _sent(self, operation: str) -> QuerySet[AwsCall]:
        return AwsCall.objects.filter(
            release=self.release,
            round_number=self.release.round_number,
            step__name=self.step.name,
            operation=operation,
            is_write=True,
        )


def may_write(release: Release, lock: FunctionLock, step: StepName) -> None:
    """Asked directly before AWS is written to. Raises LockLost, StaleRelease, OnHold,
    UnderFreeze."""
    if not changes_what_callers_run(release, step):
        still_ours(release, lock)
        return
    with transaction.atomic():
        _refuse_if_held(release, locked_function(release, lock))
    refuse_under_freeze(release)


def changes_what_callers_run(release: Release, step: StepName) -> bool:
    if step == StepName.STAGE:
        return staging_is_going_live(release)
    if step == StepName.WITHDRAW:
        return staging_is_going_live(release) and not _makes_way(release)
    return step in (StepName.PUBLISH, StepName.SHIFT)


def _makes_way(release: Release) -> bool:
    """Whether it is taken back because earlier code goes back: the hold is that rollback's own."""
    going_back = Release.objects.filter(function=release.function_id, rolls_back_to__isnull=False)
    return going_back.exclude(state__in=FINAL).exists()


def refuse_under_hold(release: Release) -> None:
    """Raises OnHold. Waits for a rollback that is placing its hold at this very moment."""
    with transaction.atomic():
        _refuse_if_held(release, Function.objects.select_for_update().get(pk=release.function_id))


def _refuse_if_held(release: Release, locked: Function) -> None:
    """Asked after the lock, by a query of its own: a hold placed meanwhile is seen."""
    if release.rolls_back_to is None and (why := why_held(locked)):
        raise OnHold(why)


def refuse_under_freeze(release: Release) -> None:
    """Raises UnderFreeze: what was let through before the window opened waits for its end, too."""
    if stop := frozen(release):
        raise UnderFreeze(stop.words, stop.until)


def still_ours(release: Release, lock: FunctionLock) -> None:
    """Raises LockLost, and StaleRelease if another worker took the release over meanwhile."""
    lock.check()
    mine = Release.objects.filter(pk=release.pk, attempt=release.attempt)
    if connection.in_atomic_block:
        mine = mine.select_for_update()
    if not mine.values_list("pk"):
        raise taken_over(release)


def locked_function(release: Release, lock: FunctionLock) -> Function:
    """As `still_ours`, in a transaction: the release's row stays locked, and then its function's,
    as everybody locks them. The function is as it is now. One query."""
    lock.check()
    mine = Release.objects.filter(pk=release.pk, attempt=release.attempt).select_related("function")
    for now in mine.select_for_update(of=("self", "function")):
        return now.function
    raise taken_over(release)


def taken_over(release: Release) -> StaleRelease:
    return StaleRelease(f"{release.reference} was taken over by another worker")


def _begun(step: Step) -> tuple[str, uuid.UUID, int, datetime | None]:
    """By what a worker knows a step that it began and has not ended."""
    return step.name, step.token, step.round_number, step.finished_at
