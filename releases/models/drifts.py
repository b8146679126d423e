"""Drift: a function that was changed in AWS and not through Sluice, until somebody decides."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from releases.models.functions import Function
from releases.models.releases import Release
from releases.models.scoped import ScopedQuerySet
from releases.states import FINAL


class DriftKind(models.TextChoices):
    """What moved."""

    CODE = "code", "Code"
    CONFIGURATION = "configuration", "Configuration"
    ALIAS = "alias", "Live alias"
    DELETED = "deleted", "Deleted in AWS"
    RECREATED = "recreated", "Recreated in AWS"


class DriftState(models.TextChoices):
    """What became of it."""

    OPEN = "open", "Changed outside Sluice"
    ADOPTED = "adopted", "Adopted"
    RESTORED = "restored", "Restored"
    IGNORED = "ignored", "Ignored"
    GONE = "gone", "Gone"


class Way(models.TextChoices):
    """What somebody chose to do about it, through a release or by writing it back."""

    ADOPT = "adopt", "Adopt"
    RESTORE = "restore", "Restore"


class DriftQuerySet(ScopedQuerySet["Drift"]):
    def open(self) -> DriftQuerySet:
        return self.filter(state=DriftState.OPEN)

    def for_page(self) -> DriftQuerySet:
        return self.select_related(
            "function__environment",
            "release__requested_by",
            "release__before_stage",
            "release__artifact",
            "chosen_by",
            "closed_by",
        )


class Drift(models.Model):
    """From what Sluice last knew (`before_*`) to what AWS holds now (`after_*`).

    Environment values are keyed digests in both. `revision` counts what was seen of it, so that
    nobody decides on another drift than the one their page showed.
    """

    function = models.ForeignKey(Function, models.PROTECT, related_name="drifts")
    state = models.CharField(max_length=8, choices=DriftState, default=DriftState.OPEN)
    kinds = models.JSONField(default=list)
    # In words; environment values stay out.
    what = models.JSONField(default=list)
    before_code_sha256 = models.CharField(max_length=64, blank=True)
    before_configuration = models.JSONField(default=dict)
    before_version = models.PositiveIntegerField(null=True)
    before_weights = models.JSONField(default=dict)
    after_code_sha256 = models.CharField(max_length=64, blank=True)
    after_configuration = models.JSONField(default=dict)
    after_version = models.PositiveIntegerField(null=True)
    after_weights = models.JSONField(default=dict)
    after_revision_id = models.CharField(max_length=64, blank=True)
    revision = models.PositiveIntegerField(default=1)
    # Who changed it in AWS and when, where CloudTrail tells; and what kind of tool may have.
    who = models.CharField(max_length=256, blank=True)
    changed_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=300, blank=True)
    found_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now)
    # What was chosen: the release it became, or the version whose configuration is written back.
    way = models.CharField(max_length=7, choices=Way, blank=True)
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="drifts")
    restores_version = models.PositiveIntegerField(null=True)
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    # Empty where Sluice saw that it was over.
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reason = models.TextField(blank=True)

    objects = DriftQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["function"],
                condition=Q(state=DriftState.OPEN),
                name="one_open_drift_per_function",
            )
        ]

    def __str__(self) -> str:
        return f"{self.function} since {self.found_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.state == DriftState.OPEN

    @property
    def kind_labels(self) -> list[str]:
        return [DriftKind(kind).label for kind in self.kinds]

    @property
    def detail(self) -> str:
        return "; ".join(self.what)

    def has(self, *kinds: DriftKind) -> bool:
        return any(kind in self.kinds for kind in kinds)

    @property
    def way_under_way(self) -> Release | None:
        """The release that adopts or restores it, while it has not ended."""
        return self.release if self.release and self.release.state not in FINAL else None

    def said(self) -> dict[str, Any]:
        """What events keep of it besides the sentence; nothing secret is in a drift."""
        return {"drift": self.pk, "kinds": self.kinds, "detail": self.detail}
