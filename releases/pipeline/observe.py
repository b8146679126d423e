"""Looking before acting: what AWS holds now, and whether that is what was approved."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from releases import fingerprint
from releases.actions.drift import is_past
from releases.actions.notice_drift import notice
from releases.actions.read_function import Reading, remember
from releases.actions.standing import settled
from releases.aws.errors import NotFound
from releases.aws.types import AliasState, FunctionState
from releases.models import Release, Round, Snapshot
from releases.pipeline.context import StepContext
from releases.pipeline.outcomes import Waiting
from releases.traffic import ALL

# Ordinary updates settle in one to two seconds (facts J2): that long the pause stays short.
FIRST_WAIT, LONGEST_WAIT, GROWTH, STEADY = 0.2, 2.0, 1.5, 2.0
# How long a worker itself waits; then the release goes back to the queue.
PATIENCE = 20.0


@dataclass(frozen=True)
class Observation:
    """`$LATEST` and the alias, read one after the other.

    The alias is without the weights that AWS sets itself while it moves traffic over for us.
    """

    latest: FunctionState
    alias: AliasState | None


def observe(ctx: StepContext) -> Observation:
    """Read `$LATEST` and the alias. Raises Waiting while an update runs, AwsError."""
    latest = wait_until(ctx, lambda state: state.is_settled)
    began = timezone.now()
    alias = read_alias(ctx)
    seen = Observation(latest, settled(ctx.function, alias))
    _see(ctx, latest, alias, began)
    return seen


def _see(
    ctx: StepContext, latest: FunctionState, alias: AliasState | None, began: datetime
) -> None:
    """Keep what was read; what moved and was not us is drift, whoever sees it first.

    Unless more is known by now: somebody else read, or rolled back, after `began`.
    """
    with transaction.atomic():
        if is_past(ctx.function, ctx.lock_function(), began):
            ctx.function.refresh_from_db()
            return
        if ctx.release.target_alias == ctx.function.live_alias:
            ids = tuple(ctx.gateway.request_ids)
            reading = Reading(latest, [], [alias] if alias else [], ids)
            notice(ctx.function, reading, release=ctx.release)
        remember(ctx.function, latest, alias)


def differences(seen: Snapshot, now: FunctionState) -> list[str]:
    """How `now` differs from what was seen, in words; RevisionIds do not count."""
    found = fingerprint.configuration_moves(seen.configuration, now.configuration)
    if seen.code_sha256 != now.code_sha256:
        found.insert(0, f"the code is now {fingerprint.short(now.code_sha256)}")
    return found


def say_if_touched(ctx: StepContext, seen: Snapshot | None, latest: FunctionState) -> None:
    """Content decides, not RevisionIds; that one moved alone is said and bothers nobody."""
    if seen and seen.revision_id != latest.revision_id:
        ctx.note(
            f"only the RevisionId of $LATEST moved, to {latest.revision_id}; the code and the"
            " configuration are the approved ones, so Sluice carried on"
        )


def read_alias(ctx: StepContext) -> AliasState | None:
    if not ctx.release.target_alias:
        return None
    try:
        return ctx.gateway.get_alias(ctx.function.name, ctx.release.target_alias)
    except NotFound:
        return None


def wait_until(
    ctx: StepContext, ready: Callable[[FunctionState], bool], *, qualifier: str = ""
) -> FunctionState:
    """Poll with GetFunction, which has a budget of its own (facts F7), until `ready`.

    Raises Waiting when that takes longer than a worker should be kept.
    """
    began, pause = time.monotonic(), FIRST_WAIT
    while not ready(state := ctx.gateway.get_function(ctx.function.name, qualifier)):
        waited = time.monotonic() - began
        if waited > PATIENCE:
            raise Waiting(f"{ctx.function.name} is still being updated in AWS")
        time.sleep(pause)
        if waited > STEADY:
            pause = min(pause * GROWTH, LONGEST_WAIT)
    return state


def live_version(ctx: StepContext, alias: AliasState | None) -> FunctionState | None:
    """What callers of the alias run: the baseline of the difference."""
    if alias is None:
        return None
    return ctx.gateway.get_function(ctx.function.name, alias.version)


def routing_moves(round_: Round, alias: AliasState | None) -> list[str]:
    """How live moved since the round began, in words; empty if it did not."""
    base = round_.parts["baseline"]
    if base["kind"] == "latest":
        return []
    now = alias.routing if alias else {"version": "", "weights": {}}
    was = {"version": base["version"], "weights": base["weights"]}
    if was == now:
        return []
    name = round_.parts["target_alias"]
    return [f"the alias {name} moved from {_routed(was)} to {_routed(now)}"]


def is_shifted(round_: Round, alias: AliasState, version: int) -> bool:
    """Whether the alias went from the baseline to `version`, as a shift of this round leaves it:
    with no weights but AWS's own, on the version that it left (facts H9)."""
    base = str(round_.parts["baseline"].get("version", ""))
    return alias.version == str(version) and dict(alias.weights) in ({}, {base: ALL})


def _routed(routing: Mapping[str, Any]) -> str:
    weights = routing["weights"]
    return f"version {routing['version'] or 'none'}" + (
        f" with weights {weights}" if weights else ""
    )


def candidate_moves(
    round_: Round, latest: FunctionState, *, architecture: str, code: set[str]
) -> list[str]:
    """How `$LATEST` differs from what it may be: one of `code`, and the approved configuration."""
    approved = round_.parts["candidate"]["configuration"]
    now = fingerprint.configuration(latest.configuration, architecture=architecture)
    found = fingerprint.configuration_moves(approved, now)
    if latest.code_sha256 not in code:
        found.insert(0, f"the code of $LATEST is now {fingerprint.short(latest.code_sha256)}")
    return found


def untouched_moves(release: Release, round_: Round, seen: Observation) -> list[str]:
    """What moved since the check, of all that an approval takes for granted before staging."""
    artifact = release.artifact
    if artifact is None:
        return candidate_moves_and_live(round_, seen)
    code = {artifact.code_sha256}
    if round_.checked:
        code.add(round_.checked.code_sha256)
    moved = candidate_moves(round_, seen.latest, architecture=release.architecture, code=code)
    return moved + routing_moves(round_, seen.alias)


def candidate_moves_and_live(round_: Round, seen: Observation) -> list[str]:
    """How `$LATEST` and live differ from exactly what was approved."""
    code = {round_.parts["candidate"]["code_sha256"]}
    moved = candidate_moves(round_, seen.latest, architecture="", code=code)
    return moved + routing_moves(round_, seen.alias)
