"""Since when and until when each version was live."""

from __future__ import annotations

from django.db import models

from releases.models.functions import Function


class LivePeriod(models.Model):
    """One stretch of time in which the live alias pointed at one version, as far as Sluice saw.

    Written by a trigger on the function alone, so that it holds whoever moved the alias.
    """

    function = models.ForeignKey(Function, models.CASCADE, related_name="live_periods")
    number = models.PositiveIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["function", "-id"], name="live_periods_by_function"),
            models.Index(fields=["function", "number"], name="live_periods_by_version"),
        ]

    def __str__(self) -> str:
        return f"v{self.number} since {self.since:%Y-%m-%d %H:%M}"
