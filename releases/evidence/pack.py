"""gather(): everything a pack says, read once, for the page and for the file alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from releases.audit.archived import Archived, archived_since
from releases.audit.keys import Keys, NoAuditKey, audit_keys
from releases.evidence.approvals import approvals_of, last_opened, reviews_of
from releases.evidence.facts import Facts, facts_of
from releases.evidence.scope import AROUND, OfRelease, Scope, find
from releases.evidence.sealed import Seal, seals_of
from releases.evidence.went_live import WentLive, went_live
from releases.models import AuditAnchor, AuditCheck, AuditEvent, sees_everything

# What was altered is named by its sentence, which may be of a function outside of what they see.
SOMEWHERE = "The history is not what was sealed: whoever sees everything is told where."


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
    whole_fault: str


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
    archived: Archived | None

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
    reviews = reviews_of(_releases(scope, found.own))
    live = went_live(found.own, reviews)
    events = _with_what_they_rest_on(found.all, live, reviews)
    seals = seals_of(event.pk for event in events)
    verification = _verified(events, seals, scope.reader)
    if only_sealed:
        sealed = {each.event_id for each in seals}
        events = [event for event in events if event.pk in sealed]
        live = [each for each in live if each.event.pk in sealed]
        reviews = [event for event in reviews if event.pk in sealed]
    shown = {event.pk for event in events}
    own = [event for event in found.own if event.pk in shown]
    return Pack(
        scope=scope,
        made_at=timezone.now(),
        live=live,
        releases=facts_of(_releases(scope, own), approvals_of(reviews), last_opened(reviews)),
        around=[Around(each, AROUND[each.action]) for each in events if each.action in AROUND],
        since=[each for each in _since(scope, own, found.since) if each.pk in shown],
        since_is_cut=found.is_cut,
        events=events,
        seals=seals,
        verification=verification,
        archived=archived_since(scope.begins),
    )


def _releases(scope: Scope, own: list[AuditEvent]) -> set[int]:
    """Those that the pack tells all of: the one, or those that went live in these days."""
    if isinstance(scope, OfRelease):
        return {scope.release.pk}
    return {each.release_id or 0 for each in own if each.action == "release.released"}


def _since(scope: Scope, own: list[AuditEvent], since: list[AuditEvent]) -> list[AuditEvent]:
    """After it went live; of one that did not, after it was requested."""
    if not isinstance(scope, OfRelease):
        return since
    out = [each.pk for each in own if each.action == "release.released"]
    return [each for each in since if not out or each.pk > out[-1]]


def _with_what_they_rest_on(
    events: list[AuditEvent], live: list[WentLive], reviews: list[AuditEvent]
) -> list[AuditEvent]:
    """Reviews and approvals may be older than the days of a pack, and must be proven too."""
    by_id = {event.pk: event for event in [*events, *reviews]}
    by_id |= {each.event.pk: each.event for line in live for each in line.people}
    return [by_id[pk] for pk in sorted(by_id)]


def _first(seals: list[Seal], keys: Keys | None) -> str:
    return next((told for each in seals if (told := each.problem(keys))), "")


def _verified(events: list[AuditEvent], seals: list[Seal], reader: User) -> Verification:
    sealed = {each.event_id for each in seals}
    try:
        keys: Keys | None = audit_keys()
        fault = _first(seals, keys)
    except NoAuditKey:
        keys, fault = None, _first(seals, None)
    anchors = AuditAnchor.objects.filter(number__gte=seals[-1].number) if seals else None
    check = AuditCheck.objects.first()
    return Verification(
        sealed=len(seals),
        waiting=[event for event in events if event.pk not in sealed],
        fault=fault,
        by_key=keys is not None,
        check=check,
        anchor=anchors.order_by("number").first() if anchors is not None else None,
        whole_fault=_whole_fault(check, reader),
    )


def _whole_fault(check: AuditCheck | None, reader: User) -> str:
    if check is None or not check.fault:
        return ""
    return check.fault if sees_everything(reader) else SOMEWHERE
