"""What is wrong with a place in the chain, in a sentence that names the event."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from releases.audit import chain
from releases.audit.beginning import Beginning
from releases.audit.keys import Keys
from releases.audit.seal import positions
from releases.models import AuditEvent, AuditSeal

EVENT_OF_LINK = f"""
SELECT e.id FROM releases_auditevent e WHERE sha256(%s || {chain.digest_of("e")}) = %s LIMIT 1
"""  # noqa: S608
WITHOUT_SEAL = """
SELECT e.id, e.cluster, e.xid FROM releases_auditevent e
WHERE NOT EXISTS (SELECT 1 FROM releases_auditseal s WHERE s.event_id = e.id) ORDER BY e.id
"""


def explain(keys: Keys, at: Beginning, number: int) -> str:
    """Why seal `number` does not hold, given that all before it do."""
    found = AuditSeal.objects.filter(pk=number).first()
    if not found:
        return _missing_seal(number)
    named = _named(found.event_id)
    if not AuditEvent.objects.filter(pk=found.event_id).exists():
        return f"Event {found.event_id} is missing: it was sealed as number {number}."
    if found.format != chain.FORMAT:
        return f"{named}: its seal {number} has the unknown format {found.format}."
    link = bytes(found.link)
    if chain.seal(keys[found.key_id], number, link) == bytes(found.seal):
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
    if meant:
        return f"{named} was swapped with event {meant}: seal {found.number} was made for that one."
    return f"{named} was altered after it was sealed as number {found.number}."


def _missing_seal(number: int) -> str:
    after = AuditSeal.objects.filter(number__gt=number).order_by("number").first()
    before = AuditSeal.objects.filter(number=number - 1).first()
    between = f"after event {before.event_id}" if before else "at the beginning"
    if after:
        between += f" and before event {after.event_id}"
    return f"Seal {number} is missing, {between}: an event was removed from the history there."


def _place(keys: Keys, found: AuditSeal) -> int:
    """The number that this seal was made for, if it is one that exists; else 0."""
    key, link, seal = keys[found.key_id], bytes(found.link), bytes(found.seal)
    numbers = AuditSeal.objects.values_list("number", flat=True).iterator(chunk_size=10_000)
    return next((each for each in numbers if chain.seal(key, each, link) == seal), 0)


def _event_of(found: AuditSeal, at: Beginning) -> int | None:
    """The event that gives the link which stands at this place, be it another one's."""
    before = AuditSeal.objects.filter(number=found.number - 1).first()
    previous = bytes(before.link) if before else at.link
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(chain.SETTINGS)
        cursor.execute(EVENT_OF_LINK, [previous, bytes(found.link)])
        row = cursor.fetchone()
    return int(row[0]) if row else None


def unsealed(cursor: CursorWrapper) -> tuple[int, str]:
    """How many events wait to be sealed, and the first that the sealer should have come across.

    It seals each cluster's events in order: what stands before the last one that it sealed was
    put there afterwards, whatever transaction it names.
    """
    reached = {at.cluster: (at.xid, at.event_id) for at in positions(cursor)}
    cursor.execute(WITHOUT_SEAL)
    waiting = 0
    for event_id, cluster, xid in cursor.fetchall():
        if (xid, event_id) <= reached.get(cluster, (-1, -1)):
            return waiting, f"{_named(event_id)} was inserted: it was never sealed."
        waiting += 1
    return waiting, ""


def _named(event_id: int) -> str:
    event = AuditEvent.objects.filter(pk=event_id).first()
    return f"Event {event_id} (“{event.sentence}”)" if event else f"Event {event_id}"
