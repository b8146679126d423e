"""What is wrong with a place in the chain, in a sentence that names the event."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from releases.audit import chain
from releases.audit.beginning import Beginning
from releases.audit.keys import Keys
from releases.audit.seal import positions
from releases.models import AuditEvent, AuditSeal

EVENT_OF_LINK = {
    format: f"""
SELECT e.id FROM releases_auditevent e
WHERE sha256(%s || {chain.digest_of("e", format)}) = %s LIMIT 1
"""  # noqa: S608
    for format in chain.FORMATS
}
LATEST_BEFORE = """
SELECT e.id, e.at::text FROM releases_auditseal s JOIN releases_auditevent e ON e.id = s.event_id
WHERE s.number < %s AND s.cluster = %s ORDER BY e.at DESC, s.number LIMIT 1
"""
# Counted in the database: after an upgrade there may be a million. An event without a seal that
# stands before the last sealed one of its cluster was put there afterwards.
WITHOUT_SEAL = """
SELECT count(*), min(e.id) FILTER (WHERE (e.xid, e.id) <= (reached.xid, reached.event_id))
FROM releases_auditevent e
LEFT JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS reached (cluster, xid, event_id)
    ON reached.cluster = e.cluster
WHERE NOT EXISTS (SELECT 1 FROM releases_auditseal s WHERE s.event_id = e.id)
"""


def explain(keys: Keys, at: Beginning, number: int) -> str:
    """Why seal `number` does not hold, given that all before it do."""
    # Not when: nothing here needs it, and a time that nobody can read must not hide the fault.
    found = AuditSeal.objects.filter(pk=number).defer("at").first()
    if not found:
        return _missing_seal(number)
    named = _named(found.event_id)
    if not AuditEvent.objects.filter(pk=found.event_id).exists():
        return f"Event {found.event_id} is missing: it was sealed as number {number}."
    if found.format not in chain.FORMATS:
        return f"{named}: its seal {number} has the unknown format {found.format}."
    link = bytes(found.link)
    if chain.seal(keys[found.key_id], number, link, found.format) == bytes(found.seal):
        return _not_as_sealed(found, at, named)
    elsewhere = _place(keys, found)
    if elsewhere:
        return (
            f"{named} was reordered: it stands at number {number} and was sealed as {elsewhere}."
            " What was sealed in its place is missing or was moved."
        )
    if _event_of(found, at) == found.event_id:
        return (
            f"{named} was inserted or altered, and its seal {number} made up without the key:"
            " the plain hashes follow one another, the seal does not hold."
        )
    return f"{named} was altered, and so was its seal {number}."


def _not_as_sealed(found: AuditSeal, at: Beginning, named: str) -> str:
    """The seal is genuine: then it is the event that differs, or another that it was put on."""
    meant = _event_of(found, at)
    if meant == found.event_id:
        return _out_of_place(found, named)
    if meant:
        return f"{named} was swapped with event {meant}: seal {found.number} was made for that one."
    return f"{named} was altered after it was sealed as number {found.number}."


def _out_of_place(found: AuditSeal, named: str) -> str:
    """Event and seal are genuine; what the sealer goes by is not, or what it could not know."""
    events = AuditEvent.objects.filter(pk=found.event_id)
    if not events.filter(cluster=found.cluster, xid=found.xid).exists():
        return (
            f"{named} is of another transaction than its seal {found.number} says, where the"
            " sealer looks up how far it came: somebody altered that."
        )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(chain.SETTINGS)
        cursor.execute(LATEST_BEFORE, [found.number, found.cluster])
        before, later = cursor.fetchone()
        cursor.execute("SELECT at::text FROM releases_auditevent WHERE id = %s", [found.event_id])
        (at,) = cursor.fetchone()
    return (
        f"{named} says that it happened at {at}, and was sealed after event {before} of {later}:"
        " one of these times was made up, or a clock was wrong."
    )


def _missing_seal(number: int) -> str:
    events = AuditSeal.objects.order_by("number").values_list("event_id", flat=True)
    after = events.filter(number__gt=number).first()
    before = events.filter(number=number - 1).first()
    between = f"after event {before}" if before else "at the beginning"
    if after:
        between += f" and before event {after}"
    return f"Seal {number} is missing, {between}: an event was removed from the history there."


def _place(keys: Keys, found: AuditSeal) -> int:
    """The number that this seal was made for, if it is one that exists; else 0."""
    key, link, seal = keys[found.key_id], bytes(found.link), bytes(found.seal)
    numbers = AuditSeal.objects.values_list("number", flat=True).iterator(chunk_size=10_000)
    return next((each for each in numbers if chain.seal(key, each, link, found.format) == seal), 0)


def _event_of(found: AuditSeal, at: Beginning) -> int | None:
    """The event that gives the link which stands at this place, be it another one's."""
    links = AuditSeal.objects.filter(number=found.number - 1).values_list("link", flat=True)
    previous = next(map(bytes, links), at.link)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(chain.SETTINGS)
        cursor.execute(EVENT_OF_LINK[found.format], [previous, bytes(found.link)])
        row = cursor.fetchone()
    return int(row[0]) if row else None


def unsealed(cursor: CursorWrapper) -> tuple[int, str]:
    """How many events wait to be sealed, and the first that the sealer should have come across.

    It seals each cluster's events in order: what stands before the last one that it sealed was
    put there afterwards, whatever transaction it names.
    """
    reached = [(at.cluster, at.xid, at.event_id) for at in positions(cursor)]
    cursor.execute(WITHOUT_SEAL, [list(each) for each in zip(*reached, strict=True)] or [[]] * 3)
    waiting, inserted = cursor.fetchone()
    if inserted is None:
        return waiting, ""
    return waiting, f"{_named(inserted)} was inserted: it was never sealed."


def _named(event_id: int) -> str:
    found = AuditEvent.objects.filter(pk=event_id).values_list("sentence", flat=True)
    return f"Event {event_id} (“{found[0]}”)" if found else f"Event {event_id}"
