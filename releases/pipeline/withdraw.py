"""withdraw: put `$LATEST` back as it was before we staged, if it is still what we staged."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from releases import fingerprint
from releases.actions.read_function import remember_latest
from releases.audit import record
from releases.aws.errors import RevisionMismatch
from releases.aws.types import FunctionState
from releases.models import CallStatus, Snapshot, StepName
from releases.pipeline.code import code_before
from releases.pipeline.context import StepContext
from releases.pipeline.observe import differences, read_alias, wait_until
from releases.pipeline.outcomes import Done, Outcome
from releases.states import ReleaseState

UPDATE, PUBLISH = "UpdateFunctionCode", "PublishVersion"


def withdraw(ctx: StepContext) -> Outcome:
    """Guarded by what we staged: whatever somebody else put there stays, and is drift.

    Raises AwsError, Waiting, PackageError, LockLost, StaleRelease.
    """
    before = ctx.release.before_stage
    if before is None:
        return _ended(ctx, "nothing had been staged")
    if _runs_live(ctx):
        live = f"{ctx.release.target_alias} points at version {ctx.release.version_number}"
        return _ended(ctx, f"{live} of this release, so $LATEST stays as it is")
    latest = _seen(ctx, wait_until(ctx, lambda state: state.is_settled))
    if _is_as_before(latest, before):
        if ctx.unclear(UPDATE):
            ctx.adopt(UPDATE, "$LATEST was already put back: an update without answer was done")
        return _ended(ctx, "$LATEST holds what it held before")
    if not _still_ours(ctx, latest):
        return _drifted(ctx, latest)
    code = code_before(ctx, before)
    try:
        ctx.gateway.update_code(
            ctx.function.name,
            code,
            architecture=_architecture(before),
            revision_id=latest.revision_id,
        )
    except RevisionMismatch:
        return _drifted(ctx, _seen(ctx, ctx.gateway.get_function(ctx.function.name)))
    _seen(ctx, wait_until(ctx, lambda state: state.is_settled))
    code_sha256 = fingerprint.short(before.code_sha256)
    return _ended(ctx, f"$LATEST holds {code_sha256} again, as before this release")


def _seen(ctx: StepContext, latest: FunctionState) -> FunctionState:
    """Pages show what was put back, not what we had staged."""
    remember_latest(ctx.function, latest)
    return latest


def _is_as_before(latest: FunctionState, before: Snapshot) -> bool:
    architecture = _architecture(before)
    return latest.code_sha256 == before.code_sha256 and (
        not architecture or latest.architectures == (architecture,)
    )


def _still_ours(ctx: StepContext, latest: FunctionState) -> bool:
    """`$LATEST` is what we staged. Publishing moved its RevisionId (facts A5), so after a publish,
    whatever became of it, its content has to tell; the RevisionId just read guards the write."""
    staged, before = ctx.release.staged, ctx.release.before_stage
    if staged is None:
        # If AWS refused our update, the same package on `$LATEST` is somebody else's deployment.
        sent = before is not None and _was_sent(ctx, StepName.STAGE, UPDATE, since=before.taken_at)
        return sent and _is_our_package(ctx, latest)
    if _was_sent(ctx, StepName.PUBLISH, PUBLISH, since=staged.taken_at):
        return not differences(staged, latest)
    return latest.revision_id == staged.revision_id


def _is_our_package(ctx: StepContext, latest: FunctionState) -> bool:
    artifact = ctx.release.artifact
    return artifact is not None and latest.code_sha256 == artifact.code_sha256


def _was_sent(ctx: StepContext, step: StepName, operation: str, *, since: datetime) -> bool:
    """Whether a step of this release, in whatever round, sent what may have been done."""
    sent = ctx.release.aws_calls.filter(step__name=step, operation=operation, is_write=True)
    return sent.filter(sent_at__gte=since).exclude(status=CallStatus.ERROR).exists()


def _runs_live(ctx: StepContext) -> bool:
    """Whether callers of the alias run this release's version, an unheard shift included."""
    version = ctx.release.version_number
    alias = read_alias(ctx) if version else None
    return alias is not None and str(version) in (alias.version, *alias.weights)


def _architecture(before: Snapshot) -> str:
    architectures = before.configuration.get("Architectures") or [""]
    return str(architectures[0])


def _drifted(ctx: StepContext, latest: FunctionState) -> Done:
    code_sha256 = fingerprint.short(latest.code_sha256)
    detail = f"$LATEST holds {code_sha256}, which this release did not stage; it stays"
    with transaction.atomic():
        ctx.before_write()
        record(
            "function.drifted",
            by=None,
            function=ctx.function,
            release=ctx.release,
            detail=detail,
            aws_request_ids=ctx.gateway.request_ids,
        )
    return _ended(ctx, detail)


def _ended(ctx: StepContext, detail: str) -> Done:
    to = ReleaseState(ctx.release.ends_as)
    return Done(detail, to=to, said={"reason": ctx.release.ends_because})
