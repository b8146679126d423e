"""What the worker did for a release: attempts of steps, and every AWS call."""

from __future__ import annotations

import uuid

from django.db import models

from releases.models.holds import Rollback
from releases.models.releases import Release
from releases.states import Gate


class StepName(models.TextChoices):
    CHECK = "check", "Check"
    GATE = "gate", "Gate"
    STAGE = "stage", "Stage"
    PUBLISH = "publish", "Publish"
    SHIFT = "shift", "Shift alias"
    WITHDRAW = "withdraw", "Put back"


def step_order(gate: Gate) -> tuple[StepName, ...]:
    """The steps of a release whose gate stands there, in order."""
    first = (StepName.GATE, StepName.STAGE)
    if gate == Gate.STAGE_FIRST:
        first = (StepName.STAGE, StepName.GATE)
    return (StepName.CHECK, *first, StepName.PUBLISH, StepName.SHIFT)


class StepOutcome(models.TextChoices):
    RUNNING = "running", "Running"
    WAITING = "waiting", "Waiting for AWS"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CONFLICT = "conflict", "Conflict"
    INTERRUPTED = "interrupted", "Interrupted"


class Step(models.Model):
    """One attempt at one step. `token` is the attempt's; a worker without it writes nothing."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="steps")
    round_number = models.PositiveIntegerField()
    name = models.CharField(max_length=8, choices=StepName)
    token = models.UUIDField(default=uuid.uuid4)
    outcome = models.CharField(max_length=11, choices=StepOutcome, default=StepOutcome.RUNNING)
    detail = models.TextField(blank=True)
    # Why it failed, by the name that AWS or Sluice gives the error; `detail` is for people.
    error_name = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.release.reference} {self.name}"


class CallStatus(models.TextChoices):
    SENT = "sent", "Sent"
    OK = "ok", "Answered"
    ERROR = "error", "Refused"
    UNKNOWN = "unknown", "Outcome unknown"
    ADOPTED = "adopted", "Found done"


class AwsCall(models.Model):
    """One call to AWS, committed as `sent` before it goes out and completed after the answer.

    `release` is empty for calls made outside a release (adding a function, a rollback).
    `request` holds only what a person may read: no code, no environment values.
    """

    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="aws_calls")
    step = models.ForeignKey(Step, models.PROTECT, null=True, related_name="aws_calls")
    rollback = models.ForeignKey(Rollback, models.PROTECT, null=True, related_name="aws_calls")
    round_number = models.PositiveIntegerField(default=0)
    operation = models.CharField(max_length=64)
    request = models.JSONField(default=dict)
    is_write = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=CallStatus, default=CallStatus.SENT)
    http_status = models.PositiveSmallIntegerField(null=True)
    request_id = models.CharField(max_length=128, blank=True)
    error_name = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)
    sent_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["release", "-id"], name="aws_calls_by_release")]

    def __str__(self) -> str:
        return f"{self.operation} {self.status}"
