"""Who moved a function outside Sluice: asked of CloudTrail until it tells, or for long enough."""

from __future__ import annotations

from django.db import models

from releases.models.functions import Function
from releases.models.releases import Release


class TraceEnd(models.TextChoices):
    FOUND = "found", "CloudTrail tells"
    NOBODY = "nobody", "CloudTrail tells of nobody"
    MAY_NOT = "may_not", "CloudTrail may not be read"


class Trace(models.Model):
    """One look for the author of drift or of a conflict; `end` is empty while it goes on.

    `found` holds what CloudTrail told: at, operation, who, arn, request_id.
    """

    function = models.ForeignKey(Function, models.CASCADE, related_name="traces")
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="traces")
    since = models.DateTimeField()
    # The look before the last of several changes: that one's event is not older than this.
    moved_after = models.DateTimeField(null=True)
    noticed_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=8, choices=TraceEnd, blank=True)
    found = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["function"], condition=models.Q(end=""), name="one_trace_of_a_function"
            )
        ]

    def __str__(self) -> str:
        return f"{self.function_id} since {self.since:%H:%M:%S}: {self.end or 'asking'}"
