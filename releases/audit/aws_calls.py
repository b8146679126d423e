"""Every AWS call as a row: committed as `sent` before it goes out, completed after the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from releases.aws.errors import AwsError
from releases.aws.gateway import Gateway
from releases.errors import SluiceError
from releases.models import AwsCall, CallStatus, Environment, Release, Rollback, Step


class CallInTransaction(SluiceError):
    """An AWS call inside a database transaction: a slow answer would hold locks. A bug."""


def not_in_a_transaction() -> None:
    """Raises CallInTransaction; the gateway asks before each call."""
    if connection.in_atomic_block:
        raise CallInTransaction("No AWS call inside a database transaction")


class RecordedCalls:
    """The gateway's CallLog, kept in the database."""

    def __init__(
        self,
        *,
        release: Release | None = None,
        step: Step | None = None,
        rollback: Rollback | None = None,
    ) -> None:
        self.release = release
        self.step = step
        self.rollback = rollback

    def sent(self, operation: str, request: Mapping[str, Any], *, is_write: bool) -> AwsCall:
        return AwsCall.objects.create(
            release=self.release,
            step=self.step,
            rollback=self.rollback,
            round_number=self.release.round_number if self.release else 0,
            operation=operation,
            request=dict(request),
            is_write=is_write,
        )

    def answered(self, handle: AwsCall, *, http_status: int, request_id: str) -> None:
        self._complete(handle, CallStatus.OK, http_status=http_status, request_id=request_id)

    def refused(self, handle: AwsCall, error: AwsError) -> None:
        self._failed(handle, CallStatus.ERROR, error)

    def lost(self, handle: AwsCall, error: AwsError) -> None:
        self._failed(handle, CallStatus.UNKNOWN, error)

    def _failed(self, call: AwsCall, status: CallStatus, error: AwsError) -> None:
        self._complete(
            call,
            status,
            http_status=error.http_status,
            request_id=error.request_id,
            error_name=error.name[:80],
            error_message=error.message,
        )

    def _complete(self, call: AwsCall, status: CallStatus, **fields: Any) -> None:
        now = timezone.now()
        duration = round((now - call.sent_at).total_seconds() * 1000)
        # A proxy may add an id of its own; what does not fit is not worth losing the answer for.
        fields["request_id"] = fields["request_id"][:128]
        AwsCall.objects.filter(pk=call.pk).update(
            status=status, answered_at=now, duration_ms=duration, **fields
        )


class UnrecordedReads:
    """The CallLog of polls: what is asked every few seconds would bury what was done."""

    def sent(self, operation: str, request: Mapping[str, Any], *, is_write: bool) -> None:
        if is_write:
            raise CallInTransaction(f"{operation} is a write: it is made by a step, and recorded")

    def answered(self, handle: None, *, http_status: int, request_id: str) -> None:
        """Nothing is kept of an answer; what it changed is in the history."""

    def refused(self, handle: None, error: AwsError) -> None:
        """The poll says it, once."""

    def lost(self, handle: None, error: AwsError) -> None:
        """Reads have no outcome to lose."""


def reader_for(environment: Environment) -> Gateway:
    """A gateway into this environment for polls: it reads, and its calls are not kept."""
    return Gateway(environment.target, log=UnrecordedReads(), guard=not_in_a_transaction)


def urgent_reader_for(environment: Environment) -> Gateway:
    """As `reader_for`, for what somebody waits for before a rollback: it asks once, and briefly."""
    log = UnrecordedReads()
    return Gateway(environment.target, log=log, guard=not_in_a_transaction, urgent=True)


def gateway_for(
    environment: Environment,
    *,
    release: Release | None = None,
    step: Step | None = None,
    before_write: Callable[[], None] = lambda: None,
) -> Gateway:
    """A gateway into this environment whose calls are recorded."""
    log = RecordedCalls(release=release, step=step)
    return Gateway(
        environment.target, log=log, guard=not_in_a_transaction, before_write=before_write
    )


def urgent_gateway(
    environment: Environment, *, rollback: Rollback, before_write: Callable[[], None]
) -> Gateway:
    """A gateway for a rollback: it may use the part of the budget kept free, and waits briefly."""
    return Gateway(
        environment.target,
        log=RecordedCalls(rollback=rollback),
        guard=not_in_a_transaction,
        before_write=before_write,
        urgent=True,
    )
