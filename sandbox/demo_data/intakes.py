"""Packages that people brought in long ago: in the store, inspected, and with their rows."""

from __future__ import annotations

import random
import uuid
from typing import Any

from django.utils import timezone

from accounts.models import User
from releases.actions.package_warnings import Warnings, warnings_in
from releases.audit import Origin, record
from releases.models import Artifact, ArtifactKind, Function, Intake, IntakeSource, IntakeState
from releases.packages.inspect import inspect
from releases.packages.intake import code_sha256_of, receive
from releases.packages.sizes import UPLOAD_LIMIT
from releases.packages.store import artifacts, package_name
from sandbox.demo_data.plan import Code

IMAGE_SIZE = 148_211_904


def bring_in(
    function: Function, code: Code, *, by: User, origin: Origin, chance: random.Random
) -> Intake:
    """What `receive_upload` or `request_image` did, and then the worker."""
    warnings: Warnings = []
    if code.image:
        artifact, label, source = _image(code), _tagged(code), IntakeSource.IMAGE
    else:
        artifact, warnings = _zip(function, code.zipped)
        label, source = f"{function.name}.zip", IntakeSource.UPLOAD
    intake = Intake.objects.create(
        id=uuid.UUID(int=chance.getrandbits(128), version=4),
        function=function,
        person=by,
        source=source,
        label=label,
        state=IntakeState.ACCEPTED,
        size=artifact.size,
        sha256=artifact.sha256,
        warnings=warnings,
        image_uri=artifact.image_uri,
        artifact=artifact,
        enqueued_at=timezone.now(),
        finished_at=timezone.now(),
    )
    said: dict[str, Any] = {"function": function, "label": label, "sha256": artifact.sha256}
    record("intake.received", by=by, origin=origin, intake=str(intake.pk), **said)
    record("intake.accepted", by=None, **said, code_sha256=artifact.code_sha256)
    return intake


def _zip(function: Function, content: bytes) -> tuple[Artifact, Warnings]:
    store = artifacts()
    received = receive([content], directory=store.incoming_directory(), limit=UPLOAD_LIMIT)
    store.put(received)
    with store.open(package_name(received.sha256)) as file:
        found = inspect(file, size=received.size)  # type: ignore[arg-type]
    store.put_manifest(received.sha256, found)
    artifact, _ = Artifact.objects.get_or_create(
        kind=ArtifactKind.ZIP,
        sha256=received.sha256,
        defaults={
            "code_sha256": code_sha256_of(received.sha256),
            "size": received.size,
            "unzipped_size": found.unzipped_size,
            "entry_count": len(found.entries),
            "content_digest": found.content_digest,
        },
    )
    return artifact, warnings_in(found, function)


def _image(code: Code) -> Artifact:
    digest = code.image.partition("@sha256:")[2]
    artifact, _ = Artifact.objects.get_or_create(
        kind=ArtifactKind.IMAGE,
        sha256=digest,
        defaults={"code_sha256": digest, "size": IMAGE_SIZE, "image_uri": code.image},
    )
    return artifact


def _tagged(code: Code) -> str:
    return f"{code.image.partition('@')[0]}:{code.tag}"
