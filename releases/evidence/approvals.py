"""Who approved what, by the history: names, roles and reviews as they were at that time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from accounts.models import Role
from releases.models import AuditEvent, Round

OPENED = "release.round_opened"
GIVEN, WITHDRAWN = "release.approval_given", "release.approval_withdrawn"
PUT_BACK = "rollback.put_back"
# The last of these tells whether a rollback without an alias asked people.
SKIPS = (PUT_BACK, "release.staged_again", "release.adopted")
COUNTS, TAKEN_BACK, EARLIER = "for what was reviewed last", "withdrawn", "for an earlier review"


@dataclass(frozen=True)
class Person:
    """Somebody as an event names them: what stands in the pack is what was sealed."""

    event: AuditEvent

    @property
    def name(self) -> str:
        return self.event.actor_name

    @property
    def role(self) -> str:
        """In words; as it is stored where no role is called so any more."""
        known = dict(Role.choices)
        return known.get(self.event.actor_role, self.event.actor_role)

    @property
    def at(self) -> datetime:
        return self.event.at


@dataclass(frozen=True)
class Approval(Person):
    """`standing`: whether it is for the fingerprint of the last review, and still given."""

    standing: str

    @property
    def counts(self) -> bool:
        return self.standing == COUNTS

    @property
    def fingerprint(self) -> str:
        return str(self.event.data.get("fingerprint", ""))

    @property
    def note(self) -> str:
        return str(self.event.data.get("note", ""))


def reviews_of(releases: Collection[int]) -> list[AuditEvent]:
    """All that tells who approved what of these, and why nobody: reviews opened, approvals given
    and withdrawn, and what skips the gate.

    Oldest first. One query, or none.
    """
    if not releases:
        return []
    events = AuditEvent.objects.filter(release_id__in=releases)
    return list(events.filter(action__in=(OPENED, GIVEN, WITHDRAWN, *SKIPS)).order_by("pk"))


def last_opened(reviews: Iterable[AuditEvent]) -> dict[int, AuditEvent]:
    """The last review of each release: its event has what was sealed of it."""
    return {event.release_id or 0: event for event in reviews if event.action == OPENED}


def skipping_gate(reviews: Iterable[AuditEvent]) -> set[int]:
    """Those that went back to earlier code by a click that needed nobody else.

    An event from before it told so is of a rollback that did.
    """
    last = {event.release_id or 0: event for event in reviews if event.action in SKIPS}
    return {
        release
        for release, event in last.items()
        if event.data.get("skips_gate", event.action == PUT_BACK)
    }


def approvals_of(reviews: Collection[AuditEvent]) -> dict[int, list[Approval]]:
    """By release, oldest first, withdrawn ones and those of earlier reviews too. One query."""
    last = _fingerprints(reviews)
    found: dict[int, list[AuditEvent]] = defaultdict(list)
    withdrawn: set[int] = set()
    for event in reviews:
        given = found[event.release_id or 0]
        if event.action == WITHDRAWN:
            withdrawn |= {each.pk for each in given if each.actor_id == event.actor_id}
        elif event.action == GIVEN:
            given.append(event)
    return {
        release: [Approval(each, _standing(each, last.get(release), withdrawn)) for each in events]
        for release, events in found.items()
    }


def _fingerprints(reviews: Collection[AuditEvent]) -> dict[int, str]:
    """Of the last review of each: by the history, which is sealed, wherever it has that."""
    numbers = {event.release_id or 0 for event in reviews}
    rounds = Round.objects.filter(release__in=numbers, number=F("release__round_number"))
    opened = last_opened(reviews).items()
    return dict(rounds.values_list("release_id", "fingerprint")) | {
        release: event.data["fingerprint"]
        for release, event in opened
        if event.data.get("fingerprint")
    }


def _standing(event: AuditEvent, fingerprint: str | None, withdrawn: set[int]) -> str:
    if event.pk in withdrawn:
        return TAKEN_BACK
    return COUNTS if event.data.get("fingerprint") == fingerprint else EARLIER
