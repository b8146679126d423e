"""check: read what AWS holds, ask it with a dry run, and open the round that people decide on."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction

from releases import fingerprint
from releases.actions.function_settings import check_stage_first
from releases.actions.gate import open_round, rules_for
from releases.actions.read_function import Reading
from releases.aws.configuration import is_environment_readable
from releases.aws.types import LATEST, AliasState, FunctionState
from releases.errors import InvalidInput
from releases.models import Round, Snapshot, Way
from releases.pipeline.code import code_to_release
from releases.pipeline.context import StepContext
from releases.pipeline.following import follow_settings
from releases.pipeline.observe import (
    Observation,
    differences,
    is_shifted,
    live_version,
    observe,
)
from releases.pipeline.outcomes import Done, Failed, Outcome
from releases.states import Gate, ReleaseState

CONFIRMED, NOT_TOLD, OFF = "confirmed", "not told", "off"


def check(ctx: StepContext) -> Outcome:
    """Read, dry-run, fingerprint. Changes no function in AWS. Raises AwsError, Waiting."""
    follow_settings(ctx)
    seen = observe(ctx)
    if _is_live_already(ctx, seen.alias):
        detail = f"version {ctx.release.version_number} is live already: the last shift was done"
        return Done(detail, to=ReleaseState.PUBLISHING)
    problem = _possible(ctx, seen)
    if problem:
        return problem
    live = live_version(ctx, seen.alias)
    base = _baseline(ctx, seen, live)
    # Of its rules those count that are in force when the round is opened.
    parts = fingerprint.parts(ctx.release, seen.latest, base, rules=ctx.function.rules)
    if _nothing_to_release(parts) and not _puts_back(ctx):
        return _nothing(ctx, base["version"])
    told = _dry_run(ctx, seen.latest)
    if isinstance(told, Failed):
        return told
    round_, moved = _open(ctx, parts, seen, live, told)
    return _done(ctx, round_, moved, told)


def _is_live_already(ctx: StepContext, alias: AliasState | None) -> bool:
    """An UpdateAlias of this very round was done without our having heard."""
    version = ctx.release.version_number
    if version is None or alias is None:
        return False
    round_ = ctx.release.current_round
    return bool(round_ and not round_.closed_at and is_shifted(round_, alias, version))


def _baseline(ctx: StepContext, seen: Observation, live: FunctionState | None) -> dict[str, Any]:
    """What live is. Without an alias that was `$LATEST` before we ourselves staged on it."""
    staged = ctx.release.staged
    ours = staged is not None and not differences(staged, seen.latest)
    if ours and not ctx.release.target_alias:
        round_ = ctx.release.current_round
        if round_ and not round_.closed_at:
            before: dict[str, Any] = round_.parts["baseline"]
            return before
    return fingerprint.baseline(ctx.release, seen.alias, live, seen.latest)


def _possible(ctx: StepContext, seen: Observation) -> Failed | None:
    release = ctx.release
    if release.target_alias and seen.alias is None and not release.creates_alias:
        return Failed(
            "AliasNotFound",
            f"{ctx.function.name} has no alias named {release.target_alias} in AWS any more.",
            "Create the alias in AWS, or change the function's settings, then retry.",
        )
    if not seen.latest.is_usable and release.artifact is None:
        # With a package of its own the release is the cure: what ran before still runs (facts C3).
        return Failed(
            seen.latest.last_update_reason_code or "LastUpdateFailed",
            f"The last update of {ctx.function.name} failed in AWS:"
            f" {seen.latest.last_update_reason or 'no reason given'}",
            "Repair the function in AWS, then retry.",
        )
    if not is_environment_readable(seen.latest.configuration):
        return Failed(
            "EnvironmentUnreadable",
            f"AWS could not decrypt the environment variables of {ctx.function.name}, so nobody"
            " could tell whether they change.",
            "Grant Sluice kms:Decrypt on the function's key, then retry.",
        )
    return stage_first_problem(ctx, seen) if release.gate == Gate.STAGE_FIRST else None


def stage_first_problem(ctx: StepContext, seen: Observation) -> Failed | None:
    """Whether `$LATEST` may still be used as a staging slot; asked at every stage step, too."""
    aliases = list(ctx.gateway.list_aliases(ctx.function.name))
    try:
        check_stage_first(ctx.function, Reading(seen.latest, [], aliases), ctx.gateway)
    except InvalidInput as error:
        return Failed(
            "LatestIsCalled", str(error), "Change the function's settings, or its callers."
        )
    return None


def _nothing_to_release(parts: fingerprint.Parts) -> bool:
    base, candidate = parts["baseline"], parts["candidate"]
    return bool(
        base["kind"] == "alias"
        and not base["weights"]
        and base["code_sha256"] == candidate["code_sha256"]
        and fingerprint.runs_the_same(base["configuration"], candidate["configuration"])
    )


def _puts_back(ctx: StepContext) -> bool:
    """It restores `$LATEST` to what is live: that is the point of it."""
    return ctx.release.drifts.open().filter(way=Way.RESTORE).exists()


def _nothing(ctx: StepContext, version: str) -> Outcome:
    """Ends by itself and frees the function, unless it has something on `$LATEST` to put back."""
    why = f"nothing to release: version {version} is live with this very code and configuration"
    if ctx.release.before_stage is None:
        said = {"reason": why}
        return Done(why, to=ReleaseState.CANCELLED, said=said, fields={"ends_because": why})
    return Failed(
        "NothingToRelease",
        f"Version {version} is live with exactly this code and configuration.",
        "Cancel this release: what it staged is put back.",
    )


def _dry_run(ctx: StepContext, latest: FunctionState) -> str | Failed:
    """What AWS says the package would be (facts D: documented, not recorded)."""
    artifact = ctx.release.artifact
    if artifact is None or not settings.SLUICE_DRY_RUN:
        return OFF
    answered = ctx.gateway.dry_run(
        ctx.function.name,
        code_to_release(ctx, artifact),
        architecture=ctx.release.architecture or latest.architectures[0],
        revision_id=latest.revision_id,
    )
    if answered == artifact.code_sha256:
        return CONFIRMED
    if answered == latest.code_sha256:
        return NOT_TOLD
    return Failed(
        "DryRunMismatch",
        f"AWS computed {answered} for this package, but it is {artifact.code_sha256}.",
        "Upload the package again. If this repeats, set SLUICE_DRY_RUN=false and report it.",
    )


def _open(
    ctx: StepContext,
    parts: fingerprint.Parts,
    seen: Observation,
    live: FunctionState | None,
    told: str,
) -> tuple[Round, list[str]]:
    newest = ctx.function.versions.order_by("-number").values_list("number", flat=True).first()
    states = [(seen.latest, LATEST), *([(live, ctx.release.target_alias)] if live else [])]
    kept = [Snapshot.not_kept(ctx.function, state, qualifier=name) for state, name in states]
    checked, *others = Snapshot.objects.bulk_create(kept)
    with transaction.atomic():
        # AWS took its time to answer: the policy is the one of now. The environment is read after
        # the function is locked: its rules change together with the function's policy version.
        ctx.release.function = ctx.lock_function()
        policy = {
            "policy_version": ctx.function.policy_version,
            "rules": rules_for(ctx.release).as_parts,
        }
        return open_round(
            ctx.release,
            parts | policy,
            checked=checked,
            baseline=others[0] if others else None,
            baseline_alias_revision=seen.alias.revision_id if seen.alias else "",
            dry_run=told,
            last_known_version=max(newest or 0, _live_number(seen.alias)),
        )


def _live_number(alias: AliasState | None) -> int:
    return int(alias.version) if alias and alias.version.isdigit() else 0


def _done(ctx: StepContext, round_: Round, moved: list[str], told: str) -> Outcome:
    detail = {
        CONFIRMED: "AWS confirmed the package's hash in a dry run",
        NOT_TOLD: "AWS took the package in a dry run and did not tell its hash",
        OFF: "no dry run was made",
    }[told]
    if moved:
        detail += "; since the last round " + ", ".join(moved)
    if ctx.release.gate == Gate.STAGE_FIRST:
        return Done(detail, to=ReleaseState.STAGING)
    said = {"required": round_.rules.who}
    return Done(detail, to=ReleaseState.AWAITING_APPROVAL, said=said)
