"""Undo a put-back: what `$LATEST` held before it goes forward again.

Code of a published version goes back by the sheet of a rollback where there is no alias. All else
is a release of its bytes, which nobody approved here and which the gate therefore asks about.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from releases import policy
from releases.actions.create_release import create_release
from releases.actions.fetch_code import code_of_version, kept
from releases.actions.refusal import refused
from releases.audit import Origin
from releases.audit.aws_calls import gateway_for
from releases.models import Artifact, Drift, Function, Release, Version, Way
from releases.policy import YES, Decision, no, not_now
from releases.states import FINAL, ReleaseState

SETTINGS = (
    "The settings that stood there cannot be written again from here, for Sluice keeps no"
    " environment values: make that change again with the tool that made it."
)
GONE = (
    "What $LATEST held before is the code of no published version, and Sluice's store does not"
    " hold it, so this cannot be undone here."
)


@dataclass(frozen=True)
class Undo:
    """What `$LATEST` held before a put-back and where that is now; `problem` if nowhere."""

    version: Version | None = None
    artifact: Artifact | None = None
    # It goes back by the sheet of a rollback.
    by_sheet: bool = False
    problem: str = ""

    @property
    def words(self) -> str:
        """What an undo would do, or why there is none."""
        if self.problem:
            return self.problem
        what = f"the code of {self.version}" if self.version else "the code from before it"
        if self.by_sheet:
            return f"Undo is another rollback, forward to {what}."
        return (
            f"Undo requests a release of {what}: it waits for approval like any release, and for a"
            " hold to end."
        )


def undo_of(release: Release) -> Undo | None:
    """None if it put nothing back, or has not done so. At most four queries."""
    restores = Drift.objects.filter(release=release, way=Way.RESTORE)
    if release.state != ReleaseState.RELEASED:
        return None
    if release.rolls_back_to is None and not restores.exists():
        return None
    before, function = release.before_stage, release.function
    if before is None:
        held = "$LATEST held this code already, so nothing was replaced that could be put back."
        return Undo(problem=held)
    version = function.versions.filter(code_sha256=before.code_sha256).first()
    artifact = kept(before.code_sha256)
    if version is None and artifact is None:
        return Undo(problem=GONE)
    by_sheet = version is not None and not function.live_alias
    return Undo(version, artifact, by_sheet)


def can_undo_put_back(user: User, release: Release, undo: Undo) -> Decision:
    """For what goes back by a release through the gate."""
    may = policy.can_create_release(user, release.function)
    if not may:
        return may
    if undo.problem:
        return no(undo.problem)
    if not release.runs_now:
        return not_now(f"{release.function.name} runs something else by now.")
    code = release.before_stage.code_sha256 if release.before_stage else ""
    going = Release.objects.filter(function=release.function, artifact__code_sha256=code)
    if other := going.exclude(state__in=FINAL).first():
        return not_now(f"{other.reference} brings that code already.")
    return YES


def undo_put_back(release: Release, *, by: User, origin: Origin) -> Release:
    """Request a release of what `$LATEST` held before.

    Raises NotAllowed, AwsError, PackageError.
    """
    undo = undo_of(release) or Undo(problem=f"{release.reference} put nothing back.")
    with refused("undo", release, by=by, origin=origin):
        policy.require(can_undo_put_back(by, release, undo))
    artifact = undo.artifact
    if artifact is None:
        assert undo.version is not None  # noqa: S101 - one of them is there, or it is a problem
        gateway = gateway_for(release.function.environment)
        artifact = code_of_version(gateway, release.function, undo.version)
    with refused("undo", release, by=by, origin=origin), transaction.atomic():
        # Two clicks at the same moment: the second one sees the release of the first.
        function = Function.objects.select_for_update(of=("self",)).get(pk=release.function_id)
        policy.require(can_undo_put_back(by, release, undo))
        return create_release(
            function=function,
            intake=None,
            artifact=artifact,
            by=by,
            origin=origin,
            description=f"Undoes {release.reference}: what $LATEST held before it",
        )
