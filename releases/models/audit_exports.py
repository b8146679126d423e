"""Exports of the history: what was asked for, how far it is, and where its file lies."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from releases.cause import present_click


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    JSON_LINES = "jsonl", "JSON Lines"


class ExportState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    WRITING = "writing", "Being written"
    DONE = "done", "Ready"
    FAILED = "failed", "Failed"
    REMOVED = "removed", "Removed"


class AuditExport(models.Model):
    """The events that a filter found, in a file; whoever asked for it may fetch it for a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    query = models.TextField(blank=True)
    format = models.CharField(max_length=5, choices=ExportFormat)
    state = models.CharField(max_length=7, choices=ExportState, default=ExportState.WAITING)
    # What is recorded afterwards is not in it, be it how long in the writing.
    # What its person saw when it was written; empty for everything.
    scope = models.TextField(blank=True)
    last_event = models.BigIntegerField()
    event_count = models.BigIntegerField(null=True)
    done_count = models.BigIntegerField(default=0)
    size = models.BigIntegerField(null=True)
    problem = models.TextField(blank=True)
    # Whoever writes it counts up; a writer that finds another number has been given up for lost.
    attempt = models.PositiveSmallIntegerField(default=0)
    # The click that it is worked on for: what a worker does for it carries that request id.
    click = models.UUIDField(null=True, default=present_click, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "touched_at"], name="export_by_state")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def file_name(self) -> str:
        """As a browser saves it: the time it was asked for tells exports apart."""
        return f"audit-{self.created_at:%Y%m%d-%H%M%S}.{self.format}"

    @property
    def stored_name(self) -> str:
        return f"exports/{self.pk}.{self.format}"

    @property
    def is_open(self) -> bool:
        return self.state in (ExportState.WAITING, ExportState.WRITING)

    @property
    def is_done(self) -> bool:
        return self.state == ExportState.DONE
