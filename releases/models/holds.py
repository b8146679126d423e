"""Holds and rollbacks: what keeps a function where it is, and what put it there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from releases.cause import present_click
from releases.models.functions import Function
from releases.models.scoped import ScopedQuerySet


class Hold(models.Model):
    """Nothing may change what callers of a function run until somebody resumes it.

    It is in force until `ended_at` is set, an expired one too: cron ends those in seconds.
    """

    function = models.ForeignKey(Function, models.PROTECT, related_name="holds")
    reason = models.TextField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, db_index=True)
    ended_at = models.DateTimeField(null=True)
    # Empty where it expired.
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_because = models.TextField(blank=True)

    objects = ScopedQuerySet["Hold"].as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["function"],
                condition=Q(ended_at__isnull=True),
                name="one_hold_in_force_per_function",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_hold_has_its_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.function.name} on hold: {self.reason}"


class RollbackState(models.TextChoices):
    WAITING = "waiting", "Waits for a second person"
    MOVING = "moving", "Moving the alias"
    DONE = "done", "Rolled back"
    FAILED = "failed", "Failed"
    YIELDED = "yielded", "Gave way to a newer one"
    WITHDRAWN = "withdrawn", "Withdrawn"


UNDECIDED = frozenset({RollbackState.WAITING, RollbackState.MOVING})


class Rollback(models.Model):
    """The live alias moved to another version by a person, outside the queue and the gate.

    `moving` is committed before AWS is called, so that a crash anywhere leaves the intent.
    """

    function = models.ForeignKey(Function, models.PROTECT, related_name="rollbacks")
    alias = models.CharField(max_length=128)
    # What was live as the person saw it; empty if the alias was nowhere that is known.
    from_version = models.PositiveIntegerField(null=True)
    to_version = models.PositiveIntegerField()
    reason = models.TextField()
    state = models.CharField(max_length=9, choices=RollbackState, default=RollbackState.MOVING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="rollbacks"
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    seconded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, related_name="rollbacks")
    # When it began to move: later than it was requested where a second person had to agree.
    began_at = models.DateTimeField(null=True)
    # When it was last tried, so that nobody takes it up while somebody else is at it.
    tried_at = models.DateTimeField(null=True)
    # The click that it is worked on for: what a worker does for it carries that request id.
    click = models.UUIDField(null=True, default=present_click, editable=False)
    problem = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet["Rollback"].as_manager()

    class Meta:
        ordering = [F("pk").desc()]
        constraints = [
            models.UniqueConstraint(
                fields=["function"],
                condition=Q(state__in=sorted(UNDECIDED)),
                name="one_rollback_under_way_per_function",
            ),
            models.CheckConstraint(
                condition=Q(seconded_by=None) | ~Q(seconded_by=F("requested_by")),
                name="nobody_seconds_their_own_rollback",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_rollback_has_its_reason"),
        ]
        indexes = [models.Index(fields=["function", "-id"], name="rollbacks_by_function")]

    def __str__(self) -> str:
        return f"{self.function.name} to v{self.to_version}"

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDECIDED
