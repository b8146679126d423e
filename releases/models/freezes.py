"""Freezes: times in which nothing goes out, for one environment or for all."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from releases.models.environments import Environment
from releases.models.grants import sees_everything
from releases.models.releases import Release

ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(days=7)


class Recurrence(models.TextChoices):
    ONCE = "once", "Once"
    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every week"


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


def known_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"{name} is no time zone; they read like Europe/Paris or UTC.")


class FreezeQuerySet(models.QuerySet["Freeze"]):
    def visible_to(self, person: User) -> FreezeQuerySet:
        """Those of all environments, and of those that this person can see."""
        if sees_everything(person):
            return self
        visible = Environment.objects.visible_to(person)
        return self.filter(Q(environment=None) | Q(environment__in=visible))


class Freeze(models.Model):
    """No release goes out while a window of it is open; it then goes out by itself.

    Times are those of the wall clock in `time_zone`, so that "Friday 17:00" stays that in summer.
    """

    # Empty: all environments.
    environment = models.ForeignKey(Environment, models.PROTECT, null=True, related_name="freezes")
    reason = models.CharField(max_length=200)
    recurrence = models.CharField(max_length=6, choices=Recurrence, default=Recurrence.ONCE)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[known_zone])
    # Once: from a moment to another.
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    # Every day or week: from a time of day to another, which may be on a later day.
    from_weekday = models.PositiveSmallIntegerField(choices=Weekday, null=True)
    from_time = models.TimeField(null=True)
    to_weekday = models.PositiveSmallIntegerField(choices=Weekday, null=True)
    to_time = models.TimeField(null=True)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_because = models.TextField(blank=True)

    objects = FreezeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    recurrence=Recurrence.ONCE,
                    starts_at__isnull=False,
                    ends_at__gt=F("starts_at"),
                )
                | Q(
                    recurrence=Recurrence.DAILY,
                    from_time__isnull=False,
                    to_time__isnull=False,
                )
                | Q(
                    recurrence=Recurrence.WEEKLY,
                    from_time__isnull=False,
                    to_time__isnull=False,
                    from_weekday__isnull=False,
                    to_weekday__isnull=False,
                ),
                name="a_freeze_has_its_times",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_freeze_has_its_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} ({self.when})"

    @property
    def where(self) -> str:
        return self.environment.name if self.environment else "all environments"

    @property
    def when(self) -> str:
        """Its times in words."""
        zone = self.time_zone
        if self.recurrence == Recurrence.ONCE and self.starts_at and self.ends_at:
            local = zoneinfo.ZoneInfo(zone)
            begin, end = self.starts_at.astimezone(local), self.ends_at.astimezone(local)
            return f"from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} {zone}"
        if self.from_time is None or self.to_time is None:
            return "never"
        begin_at, end_at = f"{self.from_time:%H:%M}", f"{self.to_time:%H:%M}"
        if self.recurrence == Recurrence.DAILY:
            return f"every day from {begin_at} to {end_at} {zone}"
        days = [Weekday(day or 0).label for day in (self.from_weekday, self.to_weekday)]
        return f"every {days[0]} {begin_at} to {days[1]} {end_at} {zone}"

    def open_until(self, now: datetime) -> datetime | None:
        """When the window that is open at `now` closes, in UTC; None if none is open."""
        if self.ended_at is not None and self.ended_at <= now:
            return None
        if self.recurrence == Recurrence.ONCE:
            begin, end = self.starts_at, self.ends_at
            return end if begin and end and begin <= now < end else None
        return self._recurring(now)

    def _recurring(self, now: datetime) -> datetime | None:
        if self.from_time is None or self.to_time is None:
            return None
        zone = zoneinfo.ZoneInfo(self.time_zone)
        local = now.astimezone(zone)
        weekly = self.recurrence == Recurrence.WEEKLY
        every = ONE_WEEK if weekly else ONE_DAY
        back = (local.weekday() - (self.from_weekday or 0)) % 7 if weekly else 0
        first = local.date() - timedelta(days=back)
        if datetime.combine(first, self.from_time, zone) > now:
            first -= every
        ahead = ((self.to_weekday or 0) - (self.from_weekday or 0)) % 7 if weekly else 0
        last = first + timedelta(days=ahead)
        # Compared as the wall clock shows them: an hour that a night repeats counts once.
        if (last, self.to_time) <= (first, self.from_time):
            last += every
        end = datetime.combine(last, self.to_time, zone)
        return end.astimezone(UTC) if now < end else None


class FreezeOverride(models.Model):
    """A release that may go out in spite of a freeze, for a reason and one approval more."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="overrides")
    freeze = models.ForeignKey(Freeze, models.PROTECT, related_name="overrides")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField()
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "freeze"], name="one_override_per_release_and_freeze"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_override_has_its_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.release.reference} in spite of {self.freeze.reason}"
