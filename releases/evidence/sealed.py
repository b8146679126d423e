"""The seals of a pack's events: the text that was sealed, the links, and whether they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from releases.audit import chain
from releases.audit.beginning import beginning
from releases.audit.keys import Keys
from releases.models import AuditAnchor, AuditSeal

# What a proof may cost: digests of 32 bytes, made at some 100,000 a second.
MOST_DIGESTS = 200_000
CHUNK = 5_000

TEXTS = f"""
SELECT e.id, s.number, s.format, s.key_id, p.link, s.link, s.seal, {chain.texts("e")}
FROM releases_auditevent e
JOIN releases_auditseal s ON s.event_id = e.id
LEFT JOIN releases_auditseal p ON p.number = s.number - 1
WHERE e.id = ANY(%s) ORDER BY s.number
"""  # noqa: S608
DIGESTS = f"""
SELECT s.number, {chain.digest_by("s.format", "e")}
FROM releases_auditseal s JOIN releases_auditevent e ON e.id = s.event_id
WHERE s.number > %s AND s.number <= %s ORDER BY s.number
"""  # noqa: S608


@dataclass(frozen=True)
class Seal:
    """One sealed event: the texts of its columns, as they were sealed, and its place."""

    event_id: int
    number: int
    format: int
    key_id: str
    previous: bytes
    link: bytes
    seal: bytes
    texts: list[str | None]

    def problem(self, keys: Keys | None) -> str:
        """Why it does not hold, in a sentence; empty if it does. Raises NoAuditKey.

        Without keys only whether the event is the one that the chain has there.
        """
        digest = chain.digest(self.texts, self.format)
        if chain.link(self.previous, digest) != self.link:
            return f"Event {self.event_id} is not as it was sealed as number {self.number}."
        made = keys and chain.seal(keys[self.key_id], self.number, self.link, self.format)
        if made and made != self.seal:
            return f"Seal {self.number} on event {self.event_id} was not made with our key."
        return ""


@dataclass(frozen=True)
class Stretch:
    """The chain after one number up to another one; `is_anchored` where that is kept outside."""

    after: int
    upto: int
    is_anchored: bool

    def __len__(self) -> int:
        return self.upto - self.after


def seals_of(events: Iterable[int]) -> list[Seal]:
    """In the order of the chain; events that wait to be sealed are left out. One query."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(chain.SETTINGS)
        cursor.execute(TEXTS, [list(events)])
        rows = cursor.fetchall()
    # None stands before the first that is left.
    first = beginning().link
    return [
        Seal(
            event,
            number,
            format,
            key,
            bytes(before or first),
            bytes(link),
            bytes(seal),
            texts,
        )
        for event, number, format, key, before, link, seal, texts in rows
    ]


def stretches_for(numbers: Sequence[int]) -> list[Stretch]:
    """What has to be followed to prove these places of the chain. Two queries."""
    if not numbers:
        return []
    anchors = AuditAnchor.objects.filter(number__gte=min(numbers)).order_by("number")
    kept = list(anchors.values_list("number", flat=True).distinct())
    head = AuditSeal.objects.order_by("-number").values_list("number", flat=True)[0]
    return plan(sorted(numbers), kept, head)


def plan(
    numbers: Sequence[int], anchors: Sequence[int], head: int, most: int = MOST_DIGESTS
) -> list[Stretch]:
    """One stretch up to the first anchor after all of it, else up to the head.

    Where that is too long, one for each group of events up to the group's own next anchor; where
    even that is, the event alone: its seal then tells whoever has the key, and nobody else.
    `numbers` and `anchors` rise.
    """
    kept = [each for each in anchors if each <= head]
    end = next((each for each in kept if each >= numbers[-1]), None)
    whole = Stretch(numbers[0] - 1, end or head, end is not None)
    if len(whole) <= most:
        return [whole]
    found: list[Stretch] = []
    left = most
    for number in numbers:
        if found and number <= found[-1].upto:
            continue
        upto = next((each for each in kept if each >= number), None)
        stretch = Stretch(number - 1, upto or head, upto is not None)
        if len(stretch) > left:
            stretch = Stretch(number - 1, number, is_anchored=number in kept)
        left -= len(stretch)
        found.append(stretch)
    return found


def ends_of(stretches: Sequence[Stretch]) -> dict[int, AuditSeal]:
    """The seals that stretches end with, and those before they begin. One query."""
    wanted = {each.after for each in stretches} | {each.upto for each in stretches}
    return {each.number: each for each in AuditSeal.objects.filter(number__in=wanted)}


def digests_of(stretch: Stretch) -> Iterator[list[tuple[int, bytes]]]:
    """Number and digest of all events of a stretch, some thousand at a time, one query each."""
    for after in range(stretch.after, stretch.upto, CHUNK):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(chain.SETTINGS)
            cursor.execute(DIGESTS, [after, min(after + CHUNK, stretch.upto)])
            yield [(number, bytes(digest)) for number, digest in cursor.fetchall()]
