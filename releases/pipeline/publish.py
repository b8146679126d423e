"""publish: make `$LATEST`, if it is still what was approved, an immutable version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from django.db import transaction

from releases import fingerprint
from releases.actions.read_function import row_of
from releases.aws.errors import NotFound
from releases.aws.types import FunctionState
from releases.models import Release, Round, StepName, Version
from releases.pipeline.context import StepContext
from releases.pipeline.gatekeeper import lapsed_since
from releases.pipeline.observe import (
    candidate_moves_and_live,
    observe,
    say_if_touched,
    wait_until,
)
from releases.pipeline.outcomes import Done, Failed, Moved, Outcome

PUBLISH = "PublishVersion"
LONGEST_DESCRIPTION = 256
# Numbers of deleted versions are never used again (facts E8): a gap may stand before ours.
GAP = 2
# Why a release failed whose version is of no use to it.
VERSION_FAILED, VERSION_GONE = "VersionFailed", "VersionGone"


def publish(ctx: StepContext) -> Outcome:
    """Look for our own version first, verify, publish, wait until the version is Active.

    A worker may also die between AWS's answer and our keeping the number of the version.

    Raises AwsError, Waiting, LockLost, StaleRelease.
    """
    round_ = ctx.round
    found = _ours(ctx, round_) if ctx.was_sent(PUBLISH) else None
    if found:
        ctx.adopt(PUBLISH, f"version {found.version} is there: an earlier publish was done")
        return _active(ctx, round_, found)
    seen = observe(ctx)
    if not seen.latest.is_usable:
        return Moved([f"the last update of $LATEST failed: {seen.latest.last_update_reason}"])
    moved = candidate_moves_and_live(round_, seen)
    if moved:
        return Moved(moved)
    if problem := lapsed_since(ctx):
        return problem
    say_if_touched(ctx, ctx.release.staged, seen.latest)
    published = ctx.gateway.publish(
        ctx.function.name,
        code_sha256=round_.parts["candidate"]["code_sha256"],
        revision_id=seen.latest.revision_id,
        description=description(ctx.release, round_),
    )
    return _active(ctx, round_, published)


def is_wanted_anew(ctx: StepContext) -> bool:
    """Whether the last version came to nothing: AWS gives the same one again until `$LATEST` is
    updated (facts E4, E5)."""
    steps = ctx.release.steps.filter(name__in=[StepName.PUBLISH, StepName.SHIFT])
    last = steps.order_by("-pk").first()
    return last is not None and last.error_name in (VERSION_FAILED, VERSION_GONE)


def description(release: Release, round_: Round) -> str:
    """What the version is called in AWS: the release, this attempt's mark, and the text."""
    text = f"{release.reference} {round_.publish_token} {release.description}".strip()
    return text[:LONGEST_DESCRIPTION]


def _ours(ctx: StepContext, round_: Round) -> FunctionState | None:
    """The version that a publish of this round made, if it did and the version can be used."""
    mark = f"{ctx.release.reference} {round_.publish_token}"
    for version in _where_ours_could_be(ctx, mark, round_.last_known_version):
        ours = version.description.startswith(mark) and version.state != "Failed"
        if ours and _is_candidate(round_, version):
            return version
    return None


def _where_ours_could_be(ctx: StepContext, mark: str, known: int) -> Iterator[FunctionState]:
    """Among those that were read from AWS since, then among those that nobody has read yet."""
    read = ctx.function.versions.filter(description__startswith=mark)
    for number in read.values_list("number", flat=True):
        # Somebody may have deleted it since.
        with suppress(NotFound):
            yield ctx.gateway.get_function(ctx.function.name, str(number))
    missing, number = 0, known
    while missing < GAP:
        number += 1
        try:
            yield ctx.gateway.get_function(ctx.function.name, str(number))
            missing = 0
        except NotFound:
            missing += 1


def _is_candidate(round_: Round, version: FunctionState) -> bool:
    candidate = round_.parts["candidate"]
    return version.code_sha256 == candidate["code_sha256"] and fingerprint.runs_the_same(
        candidate["configuration"], version.configuration
    )


def _active(ctx: StepContext, round_: Round, published: FunctionState) -> Outcome:
    """Wait until the version can be called (facts E2), and make sure it is the approved one."""
    version = published
    if version.state != "Active":
        version = wait_until(
            ctx, lambda state: state.state != "Pending", qualifier=published.version
        )
    if version.state == "Failed":
        return Failed(
            VERSION_FAILED,
            f"Version {version.version} could not become active: {version.state_reason}",
            f"Repair what AWS names, then retry: {_anew(ctx)}.",
        )
    if not _is_candidate(round_, version):
        return Moved([f"version {version.version} is not the code and configuration approved"])
    number = int(version.version)
    reused = not version.description.startswith(f"{ctx.release.reference} ")
    _keep(ctx, version, number, reused=reused)
    detail = (
        f"AWS reused version {number}: nothing changed since"
        if reused
        else f"published version {number}"
    )
    return Done(detail, fields={"version_number": number, "reused_version": reused})


def _anew(ctx: StepContext) -> str:
    """How a version of the same code comes to be once more (facts C6, E5)."""
    if ctx.release.artifact is None:
        return "AWS publishes a new version once something of the function was updated there"
    return "the package is sent again, and a new version is published"


def gone(ctx: StepContext) -> Failed | None:
    """The published version was deleted in AWS. Raises AwsError."""
    number = ctx.release.version_number
    try:
        ctx.gateway.get_function(ctx.function.name, str(number))
    except NotFound:
        return Failed(
            VERSION_GONE,
            f"Version {number} of this release was deleted in AWS.",
            f"Retry: {_anew(ctx)}.",
            fields={"version_number": None, "reused_version": False},
        )
    return None


def _keep(ctx: StepContext, version: FunctionState, number: int, *, reused: bool) -> None:
    with transaction.atomic():
        ctx.before_write()
        # A poll may have read it already.
        row = row_of(ctx.function, version, number)
        Version.objects.bulk_create([row], ignore_conflicts=True)
        if not reused:
            same = Version.objects.filter(function=ctx.function, number=number, release=None)
            same.update(release=ctx.release)
