"""The queue of a function: who has its slot, who waits, and in which order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BigIntegerField, F, Q
from django.db.models.functions import Coalesce

from accounts.models import User
from releases import policy
from releases.models import Release
from releases.states import IN_FLIGHT, ReleaseState


@dataclass(frozen=True)
class Place:
    """Where a queued release stands. `behind` goes directly before it, if anyone does."""

    release: Release
    position: int
    behind: Release | None

    @property
    def text(self) -> str:
        name = self.release.function.name
        if self.behind is None:
            return f"next in the queue of {name}"
        return f"{ordinal(self.position)} in the queue of {name}, behind {self.behind.reference}"


@dataclass(frozen=True)
class Supersedable:
    """An older release, and whether this person may let a newer one take its place."""

    release: Release
    may: policy.Decision


def ordinal(number: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if 10 <= number % 100 <= 20 else ends.get(number % 10, 'th')}"


def places(unfinished: Iterable[Release]) -> list[Place]:
    """The queue among the unfinished releases of one function, the next one first."""
    rows = list(unfinished)
    before = next((each for each in rows if each.state in IN_FLIGHT), None)
    queued = sorted(
        (each for each in rows if each.state == ReleaseState.QUEUED), key=lambda each: each.turn
    )
    found = []
    for position, release in enumerate(queued, start=1):
        found.append(Place(release, position, before))
        before = release
    return found


def place_in(release: Release, others: Iterable[Release]) -> Place | None:
    """This release's place; None if it does not wait. `others` has the one in flight, if any is.

    Asked of the database, not counted among the others: a queue may be long. Two queries.
    """
    if release.state != ReleaseState.QUEUED:
        return None
    place, pk = release.turn
    queue = Release.objects.filter(function=release.function_id).in_queue()
    queue = queue.annotate(
        place=Coalesce(F("queue_place"), F("pk"), output_field=BigIntegerField())
    )
    ahead = queue.filter(Q(place__lt=place) | Q(place=place, pk__lt=pk))
    in_flight = next((each for each in others if each.state in IN_FLIGHT), None)
    return Place(release, ahead.count() + 1, ahead.last() or in_flight)


def places_of(releases: Iterable[Release]) -> dict[int, Place]:
    """By release number, the places of those that wait. At most one query."""
    waiting = [each for each in releases if each.state == ReleaseState.QUEUED]
    if not waiting:
        return {}
    functions = {each.function_id for each in waiting}
    relevant = Q(state=ReleaseState.QUEUED) | Q(state__in=IN_FLIGHT)
    rows = Release.objects.filter(relevant, function__in=functions).select_related("function")
    by_function: dict[int, list[Release]] = defaultdict(list)
    for row in rows:
        by_function[row.function_id].append(row)
    return {each.release.pk: each for rows_ in by_function.values() for each in places(rows_)}


def supersedable(release: Release, others: Iterable[Release], user: User) -> list[Supersedable]:
    """Whose place a queued release could take, those that may be first."""
    if release.state != ReleaseState.QUEUED:
        return []
    older = [each for each in others if each.pk < release.pk and each.state in policy.SUPERSEDABLE]
    found = [Supersedable(each, policy.can_supersede(user, release, each)) for each in older]
    return sorted(found, key=lambda each: not each.may.allowed)
