"""Who approved what, by the history: names and roles as they were at that time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from accounts.models import Role
from releases.models import AuditEvent, Round

GIVEN, WITHDRAWN = "release.approval_given", "release.approval_withdrawn"
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


def approvals_of(releases: Collection[int]) -> dict[int, list[Approval]]:
    """By release, oldest first, withdrawn ones and those of earlier reviews too. Two queries."""
    last = dict(
        Round.objects.filter(release__in=releases, number=F("release__round_number")).values_list(
            "release_id", "fingerprint"
        )
    )
    events = AuditEvent.objects.filter(release_id__in=releases, action__in=(GIVEN, WITHDRAWN))
    found: dict[int, list[AuditEvent]] = defaultdict(list)
    withdrawn: set[int] = set()
    for event in events.order_by("pk"):
        given = found[event.release_id or 0]
        if event.action == WITHDRAWN:
            withdrawn |= {each.pk for each in given if each.actor_id == event.actor_id}
        else:
            given.append(event)
    return {
        release: [Approval(each, _standing(each, last.get(release), withdrawn)) for each in events]
        for release, events in found.items()
    }


def _standing(event: AuditEvent, fingerprint: str | None, withdrawn: set[int]) -> str:
    if event.pk in withdrawn:
        return TAKEN_BACK
    return COUNTS if event.data.get("fingerprint") == fingerprint else EARLIER
