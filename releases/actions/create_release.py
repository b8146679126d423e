"""Request a release: one artifact, or `$LATEST` as it stands, for one function."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from releases import policy, queues
from releases.actions.package_warnings import Warnings, warnings_again
from releases.actions.refusal import refused_settings
from releases.actions.validation import check_entered
from releases.audit import Origin, named, record
from releases.errors import InvalidInput
from releases.fingerprint import short
from releases.models import Artifact, Function, Intake, IntakeState, Release
from releases.schedule import check_not_before, not_before_in_words
from releases.states import ReleaseState

ENTERED = ("description", "git_commit", "change_url")
ARCHITECTURES = ("", "x86_64", "arm64")


def create_release(
    *, function: Function, intake: Intake | None, by: User, origin: Origin, **wanted: Any
) -> Release:
    """As `queue_release`, for somebody who asks for just that: a refusal is recorded.

    Raises NotAllowed, and InvalidInput naming the field.
    """
    with refused_settings("request a release of", function, by=by, origin=origin):
        return queue_release(function=function, intake=intake, by=by, origin=origin, **wanted)


def queue_release(
    *,
    function: Function,
    intake: Intake | None,
    by: User,
    origin: Origin,
    description: str = "",
    architecture: str = "",
    git_commit: str = "",
    change_url: str = "",
    as_draft: bool = False,
    not_before: datetime | None = None,
    artifact: Artifact | None = None,
) -> Release:
    """Queue a release of `intake`'s artifact; without an intake, of the present `$LATEST`.

    `artifact` is one that nobody brought in for it: code that was released before.

    A draft is kept and nothing is done with it until it is requested.

    Raises NotAllowed, and InvalidInput naming the field.
    """
    policy.require(policy.can_create_release(by, function))
    if intake is not None:
        _usable(intake, function)
    if architecture not in ARCHITECTURES:
        raise InvalidInput("Choose x86_64, arm64, or keep the present one.", field="architecture")
    if architecture and intake is None:
        raise InvalidInput(
            "The architecture changes together with code only; bring in a package.",
            field="architecture",
        )
    check_not_before(not_before)
    release = Release.of(
        function,
        requested_by=by,
        artifact=intake.artifact if intake else artifact,
        intake=intake,
        state=ReleaseState.DRAFT if as_draft else ReleaseState.QUEUED,
        description=description.strip(),
        architecture=architecture,
        git_commit=git_commit.strip(),
        change_url=change_url.strip(),
        warnings=_warnings(intake, function, architecture) if intake else [],
        not_before=not_before,
        **({} if as_draft else queues.written_with()),
    )
    check_entered(release, ENTERED)
    with transaction.atomic():
        release.save()
        record(
            "release.drafted" if as_draft else "release.requested",
            by=by,
            origin=origin,
            release=release,
            about=named(release.artifact),
            what=intake.label if intake else _what(artifact),
            code_sha256=release.artifact.code_sha256 if release.artifact else "",
            description=release.description,
        )
        if not_before:
            when = not_before_in_words(not_before)
            record(
                "release.scheduled",
                by=by,
                origin=origin,
                release=release,
                when=when,
                after={"not_before": not_before.isoformat()},
            )
        if not as_draft:
            queues.push_release(release.pk)
    return release


def _what(artifact: Artifact | None) -> str:
    if artifact is None:
        return "$LATEST as it stands"
    return f"code that was released before ({short(artifact.code_sha256)})"


def _warnings(intake: Intake, function: Function, architecture: str) -> Warnings:
    """Those of the package as it was read, unless it is to run on another architecture."""
    known: Warnings = intake.warnings
    if not architecture or intake.artifact is None:
        return known
    return warnings_again(intake.artifact, function, architecture=architecture, known=known)


def _usable(intake: Intake, function: Function) -> None:
    if intake.function_id != function.pk:
        raise InvalidInput(
            f"This package was brought in for {intake.function.name}, not for {function.name}.",
            field="intake",
        )
    if intake.state == IntakeState.REFUSED:
        raise InvalidInput(f"This package was refused: {intake.problem}", field="intake")
    if intake.state != IntakeState.ACCEPTED:
        raise InvalidInput(
            "The package is still being inspected. Wait a moment, then request the release.",
            field="intake",
        )
