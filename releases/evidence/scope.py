"""What a pack covers, and the events that belong to it: read by index, and no more than a pack."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from accounts.models import User
from releases.errors import Refused
from releases.models import AuditEvent, Environment, Release
from releases.models.audit import COMMON
from releases.models.grants import scope_of

MOST_EVENTS, MOST_DAYS, MOST_FUNCTIONS = 5_000, 31, 200
# What is told of the time after: the audit page has all of it.
MOST_SINCE = 500

# What went around the gate, in words that stand beside the event's sentence.
AROUND = {
    "function.drifted": "Changed in AWS, not through Sluice",
    "function.versions_found": "Published outside Sluice",
    "function.versions_deleted": "Deleted in AWS",
    "drift.ignored": "Left as it was changed outside",
    "rollback.done": "Rolled back, which needs no gate",
    "rollback.put_back": "Earlier code put back, ahead of all others",
    "release.freeze_overridden": "Let out in spite of a freeze",
}
# What happened to a function, as far as its callers are concerned.
SINCE = ("release.released", *AROUND, "drift.adopted", "drift.restored", "drift.gone")


class TooMuch(Refused):
    """More than one pack holds; the message says what to leave out."""


@dataclass(frozen=True)
class OfRelease:
    """One release, and what happened to its function from then on, as `reader` sees it."""

    release: Release
    reader: User

    @property
    def words(self) -> str:
        function = self.release.function
        return f"{self.release.reference} of {function.name} in {function.environment.name}"

    @property
    def slug(self) -> str:
        return self.release.reference

    @property
    def begins(self) -> datetime:
        return self.release.created_at

    def own(self) -> QuerySet[AuditEvent]:
        visible = AuditEvent.objects.visible_to(self.reader)
        return visible.filter(release_id=self.release.pk)

    def since(self, own: Iterable[AuditEvent]) -> QuerySet[AuditEvent]:
        found = AuditEvent.objects.visible_to(self.reader).filter(
            function_id=self.release.function_id,
            action__in=SINCE,
            at__gte=self.release.created_at,
        )
        return found.exclude(release_id=self.release.pk)


@dataclass(frozen=True)
class OfDays:
    """Whole UTC days, both included, for functions by name; without names, for all functions
    that `reader` sees.

    Raises TooMuch where one pack cannot hold it.
    """

    first: date
    last: date
    reader: User
    functions: tuple[str, ...] = ()
    environment: Environment | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise TooMuch(f"{self.last} is before {self.first}: swap the two days.")
        if (self.last - self.first).days >= MOST_DAYS:
            raise TooMuch(f"A pack holds at most {MOST_DAYS} days: choose fewer.")
        if len(self.functions) > MOST_FUNCTIONS:
            raise TooMuch(f"A pack holds at most {MOST_FUNCTIONS} functions: name fewer.")

    @property
    def words(self) -> str:
        return f"{', '.join(self.functions) or self.everything}{self.where}, {self.days}"

    @property
    def everything(self) -> str:
        scope = scope_of(self.reader)
        return (
            f"all functions in the scope of {self.reader.name} ({scope})"
            if scope
            else "all functions"
        )

    @property
    def events(self) -> QuerySet[AuditEvent]:
        return AuditEvent.objects.visible_to(self.reader)

    @property
    def where(self) -> str:
        return f" in {self.environment.name}" if self.environment else ""

    @property
    def days(self) -> str:
        first, last = f"{self.first:%-d %B %Y}", f"{self.last:%-d %B %Y}"
        return first if self.first == self.last else f"{first} to {last}"

    @property
    def slug(self) -> str:
        return "-to-".join(dict.fromkeys([f"{self.first}", f"{self.last}"]))

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def between(self) -> Q:
        """Both ends as moments; the last day of the calendar has none after it."""
        found = Q(at__gte=self.begins)
        if self.last < date.max:
            found &= Q(at__lt=datetime.combine(self.last, time(), UTC) + timedelta(days=1))
        return found

    @property
    def here(self) -> Q:
        """Of these functions in this environment."""
        found = Q(function_name__in=self.functions) if self.functions else ~Q(function_name="")
        return found & Q(environment_id=self.environment.pk) if self.environment else found

    def own(self) -> QuerySet[AuditEvent]:
        common = Q(function_name="", action__in=COMMON)
        if self.environment:
            common &= Q(environment_id=self.environment.pk) | Q(environment_id=None)
        return self.events.filter(self.between, self.here | common)

    def since(self, own: Iterable[AuditEvent]) -> QuerySet[AuditEvent]:
        functions = {each.function_id for each in own if each.action in SINCE}
        if self.last == date.max:
            return AuditEvent.objects.none()
        after = datetime.combine(self.last, time(), UTC) + timedelta(days=1)
        return self.events.filter(
            function_id__in=functions - {None}, action__in=SINCE, at__gte=after
        )


Scope = OfRelease | OfDays


@dataclass(frozen=True)
class Found:
    """The events of a scope, oldest first; `since` are those of the time after."""

    own: list[AuditEvent]
    since: list[AuditEvent]
    is_cut: bool

    @property
    def all(self) -> list[AuditEvent]:
        return sorted([*self.own, *self.since], key=lambda event: event.pk)


def find(scope: Scope) -> Found:
    """Two queries. Raises TooMuch."""
    own = list(scope.own().order_by("pk")[: MOST_EVENTS + 1])
    if len(own) > MOST_EVENTS:
        what = "this release has" if isinstance(scope, OfRelease) else "these days hold"
        raise TooMuch(
            f"A pack holds at most {MOST_EVENTS:,} events, and {what} more."
            " Choose fewer days or name functions; the audit page exports all of it."
        )
    since = list(scope.since(own).order_by("pk")[: MOST_SINCE + 1])
    return Found(own, since[:MOST_SINCE], is_cut=len(since) > MOST_SINCE)
