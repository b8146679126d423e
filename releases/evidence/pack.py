"""gather(): everything a pack says, read once, for the page and for the file alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from releases.audit.keys import Keys, NoAuditKey, audit_keys
from releases.evidence.approvals import Approval, approvals_of
from releases.evidence.facts import Facts, facts_of
from releases.evidence.scope import AROUND, Found, OfRelease, Scope, find
from releases.evidence.sealed import Seal, seals_of
from releases.evidence.went_live import WentLive, went_live
from releases.models import AuditAnchor, AuditCheck, AuditEvent


@dataclass(frozen=True)
class Verification:
    """Whether the pack's events are as they were sealed, looked at when the pack was made.

    `fault` names the first that is not. `by_key` is false where this process has no key, so that
    only cron's `check`, the last of all of the history, says whether the seals are genuine.
    `anchor` is the first that is kept outside and holds all of the pack.
    """

    sealed: int
    waiting: Sequence[AuditEvent]
    fault: str
    by_key: bool
    check: AuditCheck | None
    anchor: AuditAnchor | None

    @property
    def whole_fault(self) -> str:
        return self.check.fault if self.check else ""


@dataclass(frozen=True)
class Around:
    """Something that went around the gate, and in which words."""

    event: AuditEvent
    words: str


@dataclass(frozen=True)
class Pack:
    """`events` oldest first; only those in `seals` are proven, and only those go into a file."""

    scope: Scope
    made_at: datetime
    live: Sequence[WentLive]
    releases: Sequence[Facts]
    around: Sequence[Around]
    since: Sequence[AuditEvent]
    since_is_cut: bool
    events: Sequence[AuditEvent]
    seals: Sequence[Seal]
    verification: Verification

    @property
    def numbers(self) -> dict[int, int]:
        """The number in the chain of each event."""
        return {each.event_id: each.number for each in self.seals}

    @property
    def numbered(self) -> list[tuple[AuditEvent, int | None]]:
        """Each event with its number, or with none while it waits to be sealed."""
        numbers = self.numbers
        return [(event, numbers.get(event.pk)) for event in self.events]


def gather(scope: Scope, *, only_sealed: bool = False) -> Pack:
    """A constant number of queries. Raises TooMuch.

    With `only_sealed` without the events of the last moments, which no seal proves yet.
    """
    found = find(scope)
    releases = _releases(scope, found)
    approvals = approvals_of(releases)
    live = went_live(found.own, approvals)
    events = _with_what_they_rest_on(found.all, live, approvals)
    seals = seals_of(event.pk for event in events)
    verification = _verified(events, seals)
    if only_sealed:
        sealed = {each.event_id for each in seals}
        events = [event for event in events if event.pk in sealed]
        live = [each for each in live if each.event.pk in sealed]
        approvals = {
            release: [each for each in given if each.event.pk in sealed]
            for release, given in approvals.items()
        }
    shown = {event.pk for event in events}
    return Pack(
        scope=scope,
        made_at=timezone.now(),
        live=live,
        releases=facts_of(releases, approvals),
        around=[Around(each, AROUND[each.action]) for each in events if each.action in AROUND],
        since=[each for each in _since(scope, found) if each.pk in shown],
        since_is_cut=found.is_cut,
        events=events,
        seals=seals,
        verification=verification,
    )


def _releases(scope: Scope, found: Found) -> set[int]:
    """Those that the pack tells all of: the one, or those that went live in these days."""
    if isinstance(scope, OfRelease):
        return {scope.release.pk}
    return {each.release_id or 0 for each in found.own if each.action == "release.released"}


def _since(scope: Scope, found: Found) -> list[AuditEvent]:
    """After it went live; of one that did not, after it was requested."""
    if not isinstance(scope, OfRelease):
        return found.since
    out = [each.pk for each in found.own if each.action == "release.released"]
    return [each for each in found.since if not out or each.pk > out[-1]]


def _with_what_they_rest_on(
    events: list[AuditEvent], live: list[WentLive], approvals: dict[int, list[Approval]]
) -> list[AuditEvent]:
    """Approvals may be older than the days that a pack is about, and must be proven too."""
    by_id = {event.pk: event for event in events}
    by_id |= {each.event.pk: each.event for given in approvals.values() for each in given}
    by_id |= {each.event.pk: each.event for line in live for each in line.people}
    return [by_id[pk] for pk in sorted(by_id)]


def _first(seals: list[Seal], keys: Keys | None) -> str:
    return next((told for each in seals if (told := each.problem(keys))), "")


def _verified(events: list[AuditEvent], seals: list[Seal]) -> Verification:
    sealed = {each.event_id for each in seals}
    try:
        keys: Keys | None = audit_keys()
        fault = _first(seals, keys)
    except NoAuditKey:
        keys, fault = None, _first(seals, None)
    anchors = AuditAnchor.objects.filter(number__gte=seals[-1].number) if seals else None
    return Verification(
        sealed=len(seals),
        waiting=[event for event in events if event.pk not in sealed],
        fault=fault,
        by_key=keys is not None,
        check=AuditCheck.objects.first(),
        anchor=anchors.order_by("number").first() if anchors is not None else None,
    )
