"""Artifacts, immutable and known by their content, and the intakes that brought them in."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from releases.cause import present_click
from releases.models.functions import Function
from releases.models.scoped import ScopedQuerySet

LONGEST_LABEL = 2048


class ArtifactKind(models.TextChoices):
    ZIP = "zip", "Zip archive"
    IMAGE = "image", "Container image"


class Artifact(models.Model):
    """An immutable deployment package. The same bytes twice are the same artifact.

    `sha256` is hex; for an image it is the digest. `code_sha256` is what AWS will show for it:
    base64 for a zip, the hex digest for an image (facts C5). The same image may lie in several
    repositories: `image_uri` is only where it was seen first.
    """

    kind = models.CharField(max_length=5, choices=ArtifactKind)
    sha256 = models.CharField(max_length=64)
    code_sha256 = models.CharField(max_length=64, db_index=True)
    size = models.BigIntegerField()
    unzipped_size = models.BigIntegerField(null=True)
    entry_count = models.PositiveIntegerField(null=True)
    content_digest = models.CharField(max_length=64, blank=True)
    image_uri = models.CharField(max_length=512, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "sha256"], name="one_artifact_by_content")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sha256[:12]}"


class IntakeSource(models.TextChoices):
    UPLOAD = "upload", "Upload"
    S3 = "s3", "S3 object"
    IMAGE = "image", "Container image"


class IntakeState(models.TextChoices):
    RECEIVED = "received", "Waiting to be inspected"
    READING = "reading", "Being read"
    ACCEPTED = "accepted", "Accepted"
    REFUSED = "refused", "Refused"


class Intake(models.Model):
    """One person bringing one package in for one function. They are an author of its bytes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    function = models.ForeignKey(Function, models.PROTECT, related_name="intakes")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="intakes")
    source = models.CharField(max_length=6, choices=IntakeSource)
    # The name a person knows it by: file name, s3://bucket/key?versionId=…, or image URI.
    label = models.CharField(max_length=LONGEST_LABEL)
    bucket = models.CharField(max_length=63, blank=True)
    key = models.CharField(max_length=1024, blank=True)
    object_version = models.CharField(max_length=1024, blank=True)
    state = models.CharField(max_length=8, choices=IntakeState, default=IntakeState.RECEIVED)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    # Where this function is to have its image from, pinned by the digest.
    image_uri = models.CharField(max_length=512, blank=True)
    problem = models.TextField(blank=True)
    advice = models.TextField(blank=True)
    warnings = models.JSONField(default=list)
    artifact = models.ForeignKey(Artifact, models.PROTECT, null=True, related_name="intakes")
    enqueued_at = models.DateTimeField(null=True)
    # The click that it is worked on for: what a worker does for it carries that request id.
    click = models.UUIDField(null=True, default=present_click, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet["Intake"].as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=IntakeState.ACCEPTED) | Q(artifact__isnull=False),
                name="an_accepted_intake_has_its_artifact",
            )
        ]

    def __str__(self) -> str:
        return self.label
