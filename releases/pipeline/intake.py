"""Reading a package that somebody brought in: fetch it if need be, inspect it, name it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from releases import live
from releases.actions.fetch_code import image_artifact
from releases.actions.package_warnings import Warnings, warnings_in
from releases.audit import Evidence, named, record
from releases.audit.aws_calls import gateway_for
from releases.aws.errors import AwsError, Retryable
from releases.aws.gateway import Gateway
from releases.models import Artifact, ArtifactKind, Intake, IntakeSource, IntakeState
from releases.packages.errors import PackageError
from releases.packages.inspect import inspect
from releases.packages.intake import code_sha256_of, receive
from releases.packages.sizes import UPLOAD_LIMIT, delivery
from releases.packages.store import artifacts, package_name

log = structlog.get_logger()

AGAIN = "Upload it again, or name it again if it comes from S3 or a registry."
OPEN = (IntakeState.RECEIVED, IntakeState.READING)


def read(intake_id: str) -> None:
    """Inspect an intake's package, once; safe to run twice and after a crash anywhere.

    What cannot be read now is left for recover(), until SLUICE_WAIT_SECONDS are over.
    """
    intake = Intake.objects.select_related("function__environment").filter(pk=intake_id).first()
    if intake is None:
        return
    gateway = gateway_for(intake.function.environment)
    was_begun = intake.state == IntakeState.READING
    begun = Intake.objects.filter(pk=intake_id, state__in=OPEN)
    if not begun.update(state=IntakeState.READING):
        return
    live.changed(f"intake-{intake_id}")
    if was_begun and _is_overdue(intake):
        minutes = settings.SLUICE_WAIT_SECONDS // 60
        _refuse(
            intake,
            gateway,
            f"Reading this package did not end within {minutes} minutes.",
            AGAIN,
        )
        return
    try:
        if intake.source == IntakeSource.IMAGE:
            _accept(intake, gateway, _image(intake, gateway), warnings=[])
        else:
            _zip(intake, gateway)
    except PackageError as error:
        _refuse(intake, gateway, error.message, error.advice)
    except AwsError as error:
        if isinstance(error, Retryable) and not _is_overdue(intake):
            log.info("intake.later", intake=intake_id, problem=error.name)
            return
        _refuse(intake, gateway, f"{error.name}: {error.message}", error.advice)


def _is_overdue(intake: Intake) -> bool:
    since = timezone.now() - intake.created_at
    return since > timedelta(seconds=settings.SLUICE_WAIT_SECONDS)


def _zip(intake: Intake, gateway: Gateway) -> None:
    if intake.source == IntakeSource.S3 and not _fetch(intake, gateway):
        return
    store = artifacts()
    try:
        file = store.open(package_name(intake.sha256))
    except FileNotFoundError:
        gone = "The package is no longer in Sluice's store."
        raise PackageError("not-in-store", gone, AGAIN) from None
    with file:
        found = inspect(file, size=intake.size)  # type: ignore[arg-type]
    store.put_manifest(intake.sha256, found)
    seen = {
        "unzipped_size": found.unzipped_size,
        "entry_count": len(found.entries),
        "content_digest": found.content_digest,
    }
    artifact, is_new = Artifact.objects.get_or_create(
        kind=ArtifactKind.ZIP,
        sha256=intake.sha256,
        defaults={
            "code_sha256": code_sha256_of(intake.sha256),
            "size": intake.size,
            **seen,
        },
    )
    if not is_new:
        # What the worker kept from AWS before it was overwritten has never been looked into.
        Artifact.objects.filter(pk=artifact.pk, entry_count=None).update(**seen)
    _accept(intake, gateway, artifact, warnings=warnings_in(found, intake.function))


def _fetch(intake: Intake, gateway: Gateway) -> bool:
    """Read the S3 object once, whatever becomes of it later, and keep it like an upload.

    False if another worker has finished with this intake in the meantime: what it read stands.
    """
    stored, chunks = gateway.open_object(intake.bucket, intake.key, intake.object_version)
    has_bucket = bool(intake.function.environment.staging_bucket)
    delivery(stored.size, has_bucket=has_bucket)
    store = artifacts()
    received = receive(chunks, directory=store.incoming_directory(), limit=UPLOAD_LIMIT)
    try:
        store.put(received)
    finally:
        received.path.unlink(missing_ok=True)
    intake.sha256, intake.size = received.sha256, received.size
    intake.object_version = stored.version_id
    still_open = Intake.objects.filter(pk=intake.pk, state__in=OPEN)
    read = {name: getattr(intake, name) for name in ("sha256", "size", "object_version")}
    return still_open.update(**read) == 1


def _image(intake: Intake, gateway: Gateway) -> Artifact:
    image = gateway.resolve_image(intake.label)
    # Lambda shows the digest without its algorithm (facts C5).
    digest = image.digest.removeprefix("sha256:")
    intake.sha256, intake.size, intake.image_uri = digest, image.size, image.uri
    return image_artifact(image.uri, digest, image.size)


def _accept(intake: Intake, gateway: Gateway, artifact: Artifact, *, warnings: Warnings) -> None:
    _end(
        intake,
        IntakeState.ACCEPTED,
        "intake.accepted",
        {"sha256": artifact.sha256, "code_sha256": artifact.code_sha256},
        Evidence(named(intake, artifact), aws_request_ids=gateway.request_ids),
        artifact=artifact,
        warnings=warnings,
        sha256=intake.sha256,
        size=intake.size,
        image_uri=intake.image_uri,
    )


def _refuse(intake: Intake, gateway: Gateway, problem: str, advice: str) -> None:
    said = {"reason": problem}
    evidence = Evidence(named(intake), aws_request_ids=gateway.request_ids)
    why = {"problem": problem, "advice": advice}
    _end(intake, IntakeState.REFUSED, "intake.refused", said, evidence, **why)


def _end(
    intake: Intake,
    state: IntakeState,
    event: str,
    said: dict[str, Any],
    evidence: Evidence,
    **fields: Any,
) -> None:
    with transaction.atomic():
        still_open = Intake.objects.filter(pk=intake.pk, state__in=OPEN)
        if not still_open.update(state=state, finished_at=timezone.now(), **fields):
            return
        record(
            event,
            by=None,
            function=intake.function,
            about=evidence.about,
            aws_request_ids=evidence.aws_request_ids,
            label=intake.label,
            **said,
        )
        live.changed(f"intake-{intake.pk}")
