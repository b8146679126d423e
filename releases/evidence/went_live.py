"""What went live, and who approved it: a line for each release, rollback and drift."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import TextChoices

from releases.evidence.approvals import (
    Approval,
    Person,
    approvals_of,
    reviews_of,
    skipping_gate,
)
from releases.evidence.scope import OfDays
from releases.models import AuditEvent

MOST_SHOWN = 500
SECONDED = ("rollback.started", "rollback.seconded")
OUTSIDE = "Nobody: it did not come through Sluice"
NO_GATE, NO_APPROVAL = "Nobody: a rollback needs no gate", "No approval is in the history"


class Kind(TextChoices):
    RELEASE = "release.released", "Release"
    ROLLBACK = "rollback.done", "Rollback"
    DRIFT = "function.drifted", "Outside Sluice"


@dataclass(frozen=True)
class WentLive:
    """`people` approved a release, or asked for and agreed to a rollback."""

    event: AuditEvent
    people: Sequence[Person]
    # A release that went back to earlier code by one person's click.
    skipped_gate: bool = False

    @property
    def kind(self) -> Kind:
        return Kind(self.event.action)

    @property
    def nobody(self) -> str:
        """Why no name stands there, where none does."""
        if self.people:
            return ""
        if self.kind == Kind.DRIFT:
            return OUTSIDE
        return NO_GATE if self.skipped_gate else NO_APPROVAL


def what_went_live(scope: OfDays) -> tuple[list[WentLive], bool]:
    """Oldest first, and whether there were more than are given. At most four queries."""
    events = scope.events.filter(scope.between, scope.here, action__in=Kind.values)
    found = list(events.order_by("pk")[: MOST_SHOWN + 1])
    return went_live(found[:MOST_SHOWN]), len(found) > MOST_SHOWN


def went_live(
    events: Iterable[AuditEvent], reviews: Collection[AuditEvent] | None = None
) -> list[WentLive]:
    """Those of `events` that changed what callers run; `reviews` are of their releases.

    At most three queries.
    """
    rows = [event for event in events if event.action in Kind.values]
    releases = {each.release_id or 0 for each in rows if each.action == Kind.RELEASE}
    if reviews is None:
        reviews = reviews_of(releases)
    approvals, skips = approvals_of(reviews), skipping_gate(reviews)
    rollbacks = _asked_and_agreed([each for each in rows if each.action == Kind.ROLLBACK])
    lines = []
    for event in rows:
        people: Sequence[Person] = ()
        if event.action == Kind.RELEASE:
            people = _once_each(approvals.get(event.release_id or 0, ()))
        elif event.action == Kind.ROLLBACK:
            people = rollbacks[event.data.get("rollback")]
        lines.append(WentLive(event, people, skipped_gate=event.release_id in skips))
    return lines


def _once_each(approvals: Iterable[Approval]) -> list[Approval]:
    """Whoever approved again after an approval expired counts once, by the later one."""
    return list({each.event.actor_id: each for each in approvals if each.counts}.values())


def _asked_and_agreed(done: list[AuditEvent]) -> dict[object, list[Person]]:
    found: dict[object, list[Person]] = defaultdict(list)
    if done:
        numbers = [event.data.get("rollback") for event in done]
        events = AuditEvent.objects.filter(
            function_id__in={event.function_id for event in done},
            action__in=SECONDED,
            data__rollback__in=numbers,
        )
        for event in events.order_by("pk"):
            found[event.data["rollback"]].append(Person(event))
    return found
