"""Promote: release what one environment runs to the same function in another one."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy, queues
from releases.actions.package_warnings import Warnings, warnings_again
from releases.actions.refusal import refused
from releases.audit import Origin, named, record
from releases.errors import InvalidInput, NotAllowed, StaleRelease
from releases.models import Artifact, ArtifactKind, Authorship, Function, Release
from releases.packages.store import artifacts, package_name
from releases.promotion import Promotion, can_promote, promotion_to
from releases.states import ReleaseState

CARRIED = ("intake", "description", "architecture", "git_commit", "change_url")


def promote(release: Release, *, to: Function, by: User, origin: Origin) -> Release:
    """Queue a release of the same bytes for `to`; it goes through the gate there as any other.

    Raises NotAllowed, StaleRelease if they are there or on their way already, and InvalidInput
    if the store has lost them.
    """
    with refused("promote", release, by=by, origin=origin):
        warnings = _warnings(_allowed(release, to, by))
        with transaction.atomic():
            # Two people who promote at the same moment: the second sees the first one's release.
            Function.objects.select_for_update(of=("self",)).get(pk=to.pk)
            promotion = _allowed(release, to, by)
            made = _made(promotion, by=by, warnings=warnings)
            told(promotion.source, made, promotion.code_sha256, by=by, origin=origin)
            queues.enqueue_release(made.pk)
    return made


def _allowed(release: Release, to: Function, by: User) -> Promotion:
    related = ("function__environment", "artifact", "intake", "requested_by")
    source = Release.objects.select_related(*related).get(pk=release.pk)
    if source.state != ReleaseState.RELEASED:
        raise NotAllowed(f"{source.reference} is not released, so there is nothing to promote.")
    promotion = promotion_to(source, to)
    if promotion is None:
        raise NotAllowed(
            f"{source.reference} can go to {source.function.name} in another environment only."
        )
    decision = can_promote(by, promotion)
    if decision.is_passing:
        raise StaleRelease(decision.reason)
    policy.require(decision)
    return promotion


def _made(promotion: Promotion, *, by: User, warnings: Warnings) -> Release:
    source = promotion.source
    made = Release.of(
        promotion.target,
        requested_by=by,
        artifact=promotion.artifact,
        state=ReleaseState.QUEUED,
        promoted_from=source,
        warnings=warnings,
        **{name: getattr(source, name) for name in CARRIED},
    )
    made.save()
    for row in source.authorships.filter(because__in=Authorship.OF_THE_BYTES):
        Authorship.objects.create(release=made, person_id=row.person_id, because=row.because)
    if source.artifact_id is None:
        # Nobody brought a package in: these bytes came in with this person's release.
        made.authorships.get_or_create(person=source.requested_by, because=Authorship.AS_IT_STOOD)
    return made


def told(source: Release, made: Release, code_sha256: str, *, by: User, origin: Origin) -> None:
    """Both releases tell it, and the open pages of both hear of it."""
    record(
        "release.promoted",
        by=by,
        origin=origin,
        release=made,
        about=named(source, made.artifact),
        source=source.reference,
        source_environment=source.function.environment.name,
        other_function=source.function_id,
        what=code_sha256,
        description=made.description,
    )
    record(
        "release.promoted_on",
        by=by,
        origin=origin,
        release=source,
        about=named(made, made.artifact),
        to_environment=made.function.environment.name,
        other_function=made.function_id,
        promoted=made.reference,
    )


def _warnings(promotion: Promotion) -> Warnings:
    """What is odd about the package for the target, whose runtime may be another one.

    Raises InvalidInput if the package is gone. What was never inspected has the source's warnings.
    """
    artifact, source = promotion.artifact, promotion.source
    if artifact is None:
        return []
    if artifact.kind == ArtifactKind.ZIP:
        _check_kept(artifact, source)
    return warnings_again(
        artifact, promotion.target, architecture=source.architecture, known=source.warnings
    )


def _check_kept(artifact: Artifact, source: Release) -> None:
    if not artifacts().exists(package_name(artifact.sha256)):
        raise InvalidInput(
            f"The package of {source.reference} is no longer in Sluice's store."
            " Upload it again, then promote it.",
            field="to",
        )
