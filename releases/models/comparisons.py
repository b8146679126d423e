"""Comparisons: what a job found between two packages, so that no page waits for AWS."""

from __future__ import annotations

from django.db import models

from releases.cause import present_click
from releases.models.functions import Function
from releases.models.scoped import ScopedQuerySet


class Comparison(models.TextChoices):
    """How far the difference between two sides is known."""

    WAITING = "waiting", "Being compared"
    DONE = "done", "Compared"
    FAILED = "failed", "Could not be compared"


class Compared(models.Model):
    """Two sides and the difference between them, as far as a worker has got."""

    comparison = models.CharField(max_length=7, choices=Comparison, default=Comparison.WAITING)
    # Why there is none; while it waits, what the last try met.
    comparison_problem = models.TextField(blank=True)
    comparison_tries = models.PositiveSmallIntegerField(default=0)
    comparison_enqueued_at = models.DateTimeField(null=True)
    # The click that it is worked on for: what a worker does for it carries that request id.
    click = models.UUIDField(null=True, default=present_click, editable=False)
    counts = models.JSONField(default=dict)
    summary = models.TextField(blank=True)
    compared_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class CodeComparison(Compared):
    """The code of one function in two states, each by its CodeSha256: it never goes stale.

    `summary` is the phrase for the files or the image; settings belong to versions, not to code.
    """

    function = models.ForeignKey(Function, models.CASCADE, related_name="code_comparisons")
    old_sha256 = models.CharField(max_length=64)
    new_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet["CodeComparison"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["function", "old_sha256", "new_sha256"], name="one_comparison_by_content"
            )
        ]

    def __str__(self) -> str:
        return f"{self.old_sha256[:8]} → {self.new_sha256[:8]}"
