"""shift: point the live alias at the published version, guarded by the baseline's RevisionId."""

from __future__ import annotations

from django.db import transaction

from releases.actions.read_function import keep_own_move
from releases.actions.standing import settled
from releases.aws.errors import AlreadyExists, NotFound, RevisionMismatch
from releases.aws.types import AliasState
from releases.holds import hold_on
from releases.models import Round
from releases.pipeline.context import StepContext, refuse_under_hold
from releases.pipeline.observe import is_shifted, read_alias, routing_moves
from releases.pipeline.outcomes import Done, Moved, Outcome
from releases.pipeline.publish import gone
from releases.states import ReleaseState
from releases.traffic import aws_moves_words

UPDATE, CREATE = "UpdateAlias", "CreateAlias"


def shift(ctx: StepContext) -> Outcome:
    """Move the alias, once; without one, the published version is the release.

    Looks for its own effect first: what callers run already was let through before any hold or
    freeze that came since.

    Raises AwsError, LockLost, StaleRelease.
    """
    number, alias = ctx.release.version_number, ctx.release.target_alias
    if not alias:
        return _released(
            ctx, f"version {number} is published; callers of $LATEST have run it since stage", None
        )
    round_ = ctx.round
    is_new = round_.parts["baseline"]["kind"] == "none"
    call, what = (CREATE, "created") if is_new else (UPDATE, "moved")
    if ctx.was_sent(call) and (done := _already_ours(ctx, read_alias(ctx))):
        ctx.adopt(call, f"the alias {alias} was already {what}: an earlier {call} was done")
        return done
    try:
        if is_new:
            return _create(ctx, alias, str(number))
        return _move(ctx, round_, alias, str(number))
    except NotFound:
        # The alias, or our version (facts H2, H7).
        if problem := gone(ctx):
            return problem
        raise


def _move(ctx: StepContext, round_: Round, alias: str, version: str) -> Outcome:
    revision = round_.baseline_alias_revision
    try:
        return _update(ctx, alias, version, revision)
    except RevisionMismatch:
        refuse_under_hold(ctx.release)
        now = read_alias(ctx)
        if done := _already_ours(ctx, now):
            ctx.adopt(UPDATE, f"the alias {alias} was already moved")
            return done
        moved = routing_moves(round_, settled(ctx.function, now))
        if moved or now is None:
            return Moved(moved or [f"the alias {alias} is gone"])
    ctx.note(f"only the RevisionId of the alias {alias} moved; carried on with the new one")
    try:
        return _update(ctx, alias, version, now.revision_id)
    except RevisionMismatch:
        return Moved([f"the alias {alias} keeps being changed by somebody else"])


def _update(ctx: StepContext, alias: str, version: str, revision: str) -> Outcome:
    moved = ctx.gateway.update_alias(
        ctx.function.name, alias, version=version, revision_id=revision
    )
    return _released(ctx, f"{alias} points at version {version}", moved)


def _create(ctx: StepContext, alias: str, version: str) -> Outcome:
    try:
        made = ctx.gateway.create_alias(ctx.function.name, alias, version=version)
    except AlreadyExists:
        now = read_alias(ctx)
        if done := _already_ours(ctx, now):
            ctx.adopt(CREATE, f"the alias {alias} was already created")
            return done
        where = f"at version {now.version}" if now else "and deleted it again"
        return Moved([f"somebody created the alias {alias}, {where}"])
    return _released(ctx, f"{alias} was created at version {version}", made)


def _already_ours(ctx: StepContext, alias: AliasState | None) -> Outcome | None:
    ours = ctx.release.version_number
    if alias is None or ours is None or not is_shifted(ctx.round, alias, ours):
        return None
    return _released(ctx, f"{alias.name} points at version {ours}", alias)


def _released(ctx: StepContext, detail: str, alias: AliasState | None) -> Done:
    if alias:
        left = str(ctx.round.parts["baseline"].get("version", ""))
        if alias.weights:
            detail += aws_moves_words(left)
        with transaction.atomic():
            locked = ctx.lock_function()
            # A rollback that began since then has the last word on what is live.
            if hold_on(locked) is None:
                keep_own_move(locked, alias, left=left)
    return Done(detail, to=ReleaseState.RELEASED, said={"what": detail})
