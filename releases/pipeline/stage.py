"""stage: put the artifact on `$LATEST`, guarded by the RevisionId that was read."""

from __future__ import annotations

from releases.actions.read_function import remember_latest
from releases.aws.types import LATEST, FunctionState
from releases.models import Artifact
from releases.pipeline.check import stage_first_problem
from releases.pipeline.code import code_to_release, preserve
from releases.pipeline.context import StepContext
from releases.pipeline.gatekeeper import lapsed_since
from releases.pipeline.observe import (
    Observation,
    candidate_moves_and_live,
    observe,
    say_if_touched,
    untouched_moves,
    wait_until,
)
from releases.pipeline.outcomes import Done, Failed, Moved, Outcome
from releases.pipeline.publish import is_wanted_anew
from releases.states import Gate, ReleaseState

UPDATE = "UpdateFunctionCode"


def stage(ctx: StepContext) -> Outcome:
    """Observe, verify what the approval left untouched, update, wait, read again.

    Raises AwsError, Waiting, PackageError, LockLost, StaleRelease.
    """
    seen = observe(ctx)
    if ctx.release.gate == Gate.STAGE_FIRST and (problem := stage_first_problem(ctx, seen)):
        return problem
    artifact = ctx.release.artifact
    if artifact is None:
        return _verified(ctx, seen.latest, seen)
    if _holds(ctx, seen.latest, artifact) and not _must_be_sent_again(ctx, seen.latest):
        return _already_there(ctx, seen)
    if ctx.release.gate == Gate.REVIEW_FIRST and (problem := lapsed_since(ctx)):
        return problem
    moved = untouched_moves(ctx.release, ctx.round, seen)
    if moved:
        return Moved(moved)
    say_if_touched(ctx, ctx.round.checked, seen.latest)
    _send(ctx, seen.latest, artifact)
    latest = wait_until(ctx, lambda state: state.is_settled)
    if _is_artifact(ctx, latest, artifact):
        # Kept before it is judged: whatever comes of it, this is what we staged.
        ctx.save(staged=ctx.snapshot(latest, qualifier=LATEST))
    return _verified(ctx, latest, seen)


def _holds(ctx: StepContext, latest: FunctionState, artifact: Artifact) -> bool:
    """Whether `$LATEST` is this artifact, and its update Successful (facts C2, C3)."""
    return latest.is_usable and _is_artifact(ctx, latest, artifact)


def _must_be_sent_again(ctx: StepContext, latest: FunctionState) -> bool:
    """The same bytes once more make a new version (facts C6) where the last one is of no use; an
    update since the check, ours or not, does so as well."""
    checked = ctx.round.checked
    untouched = checked is not None and checked.revision_id == latest.revision_id
    return untouched and is_wanted_anew(ctx)


def _is_artifact(ctx: StepContext, latest: FunctionState, artifact: Artifact) -> bool:
    architecture = ctx.release.architecture
    return latest.code_sha256 == artifact.code_sha256 and (
        not architecture or latest.architectures == (architecture,)
    )


def _already_there(ctx: StepContext, seen: Observation) -> Outcome:
    if ctx.unclear(UPDATE):
        ctx.adopt(UPDATE, "$LATEST already holds the package: an update without answer was done")
    if ctx.release.before_stage is None and ctx.round.checked is not None:
        # Another release, or nobody, put it there: there is nothing of ours to take back.
        ctx.note("$LATEST already holds this package; nothing was sent")
    return _verified(ctx, seen.latest, seen)


def _send(ctx: StepContext, latest: FunctionState, artifact: Artifact) -> None:
    code = code_to_release(ctx, artifact)
    if latest.code_sha256 != artifact.code_sha256:
        preserve(ctx, latest)
    if not _is_artifact(ctx, latest, artifact):
        # Committed before the call: after a crash this is the way back.
        ctx.save(before_stage=ctx.snapshot(latest, qualifier=LATEST), staged=None)
    ctx.gateway.update_code(
        ctx.function.name,
        code,
        architecture=ctx.release.architecture or latest.architectures[0],
        revision_id=latest.revision_id,
    )


def _verified(ctx: StepContext, latest: FunctionState, seen: Observation) -> Outcome:
    # The alias was read before all this: a rollback has kept it better since.
    remember_latest(ctx.function, latest)
    if not latest.is_usable:
        return Failed(
            latest.last_update_reason_code or "LastUpdateFailed",
            f"AWS could not take the package: {latest.last_update_reason or 'no reason given'}",
            "Repair what AWS names, then retry. Callers of $LATEST run the code from before.",
        )
    moved = candidate_moves_and_live(ctx.round, Observation(latest, seen.alias))
    if moved:
        return Moved(moved)
    staged = ctx.release.staged
    if staged is None or staged.revision_id != latest.revision_id:
        staged = ctx.snapshot(latest, qualifier=LATEST)
    detail = f"$LATEST holds {latest.code_sha256}"
    if ctx.release.gate == Gate.STAGE_FIRST:
        return Done(
            detail,
            to=ReleaseState.AWAITING_APPROVAL,
            fields={"staged": staged},
            said={"required": ctx.round.rules.who},
        )
    return Done(detail, to=ReleaseState.PUBLISHING, fields={"staged": staged})
