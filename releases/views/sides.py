"""What AWS holds, side by side: the release's own code, `$LATEST` and what is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from releases.aws.types import LATEST
from releases.models import Release, Round, Snapshot, Version
from releases.states import ReleaseState


@dataclass(frozen=True)
class Side:
    """One column: a CodeSha256 and what goes with it. An empty hash means there is nothing."""

    title: str
    note: str
    code_sha256: str = ""
    size: int | None = None
    revision_id: str = ""
    alias: str = ""
    at: datetime | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Join:
    """What stands between two columns: a word, never only a colour."""

    state: str
    text: str
    is_equal: bool


@dataclass(frozen=True)
class Identity:
    candidate: Side
    latest: Side
    live: Side
    staged: Join
    ahead: Join
    changes: Join


def identity(
    release: Release,
    round_: Round | None,
    latest: Snapshot | None,
    live: Version | None,
) -> Identity:
    candidate = candidate_side(release, round_)
    now = latest_side(release, latest)
    running = live_side(release, round_, live, now)
    return Identity(
        candidate,
        now,
        running,
        staged=_staged(release, candidate, now),
        ahead=_ahead(now, running),
        changes=_changes(candidate, running),
    )


def candidate_side(release: Release, round_: Round | None) -> Side:
    parts = (round_.parts.get("candidate") or {}) if round_ else {}
    configuration = parts.get("configuration") or {}
    artifact = release.artifact
    if artifact is None:
        note = "no package of its own: reviews and publishes what $LATEST holds"
        code = parts.get("code_sha256", "")
        return Side("This release", note, code, configuration=configuration)
    intake = release.intake
    note = f"{intake.get_source_display()} by {intake.person.name}" if intake else "known package"
    return Side(
        "Package",
        note,
        artifact.code_sha256,
        artifact.size,
        at=intake.created_at if intake else artifact.created_at,
        configuration=configuration,
    )


def latest_side(release: Release, latest: Snapshot | None) -> Side:
    """`$LATEST` as AWS last showed it; the newest snapshot adds its size if it is the same one."""
    function = release.function
    if not function.latest_code_sha256:
        return Side(LATEST, "not read from AWS yet")
    staged = release.artifact_id and release.staged
    ours = staged and staged.revision_id == function.latest_revision_id
    same = latest is not None and latest.revision_id == function.latest_revision_id
    return Side(
        LATEST,
        f"staged by {release.reference}" if ours else "as last read from AWS",
        function.latest_code_sha256,
        latest.code_size if latest and same else None,
        function.latest_revision_id,
        at=function.synced_at,
        configuration=function.latest_configuration,
    )


def live_side(release: Release, round_: Round | None, live: Version | None, latest: Side) -> Side:
    function, alias = release.function, release.function.live_alias
    if not alias:
        return replace(latest, title="Live", note="no live alias: callers run $LATEST")
    if function.is_live_on_latest:
        return replace(latest, title="Live", note=f"{alias} points at $LATEST", alias=alias)
    if not function.live_version:
        return Side("Live", "the alias does not exist yet", alias=alias)
    title = f"Version {function.live_version}"
    baseline = round_.baseline if round_ else None
    if live is None and baseline and baseline.version == str(function.live_version):
        return replace(of_snapshot(baseline, title, "as the check read it"), alias=alias)
    if live is None:
        return Side(title, "not read from AWS yet", alias=alias)
    note = f"released as {live.release.reference}" if live.release else "published outside Sluice"
    code, size, revision = live.code_sha256, live.code_size or None, live.revision_id
    return Side(title, note, code, size, revision, alias, live.published_at, live.configuration)


def of_snapshot(snapshot: Snapshot, title: str, note: str) -> Side:
    return Side(
        title,
        note,
        snapshot.code_sha256,
        snapshot.code_size,
        snapshot.revision_id,
        at=snapshot.taken_at,
        configuration=snapshot.configuration,
    )


def _staged(release: Release, candidate: Side, latest: Side) -> Join:
    if not candidate.code_sha256 or not latest.code_sha256:
        return Join("neutral", "not known yet", False)
    if candidate.code_sha256 == latest.code_sha256:
        return Join("released", "identical", True)
    if release.is_final:
        return Join("neutral", "differs now", False)
    if release.staged_id:
        return Join("conflict", "differs", False)
    ahead = release.state != ReleaseState.WITHDRAWING
    return Join("neutral", "not staged yet" if ahead else "differs", False)


def _ahead(latest: Side, live: Side) -> Join:
    """Between the two columns that it stands between: `$LATEST` and live."""
    if not latest.code_sha256 or not live.code_sha256:
        return Join("neutral", "nothing to compare", False)
    if latest.code_sha256 == live.code_sha256:
        return Join("released", "identical", True)
    return Join("neutral", "differs", False)


def _changes(candidate: Side, live: Side) -> Join:
    """Between the two ends: what releasing this means for the code that callers run."""
    if not candidate.code_sha256 or not live.code_sha256:
        return Join("neutral", "There is no live code yet to compare this release with.", False)
    if candidate.code_sha256 == live.code_sha256:
        return Join("released", "This release is the very code that is live.", True)
    return Join("neutral", "This release is other code than what is live.", False)
