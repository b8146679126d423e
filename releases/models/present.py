"""A release as it is now, with its present round and all that a decision on it goes by."""

from __future__ import annotations

from django.db.models import F

from releases.models.releases import Release, Round

RELATED = ("function__environment", "artifact", "requested_by")


def present(release_id: int, number: int | None = None) -> tuple[Release, Round | None]:
    """The release, and its present round, or that of this number. One query where it has one."""
    wanted = F("release__round_number") if number is None else number
    of_it = Round.objects.filter(release=release_id, number=wanted)
    round_ = of_it.select_related(*(f"release__{name}" for name in RELATED)).first()
    if round_ is not None:
        return round_.release, round_
    return Release.objects.select_related(*RELATED).get(pk=release_id), None


def locked_present(release_id: int) -> tuple[Release, Round | None]:
    """As `present`, with the release's row locked first: in a transaction, it stays like this.

    Read by a query of its own, which sees what whoever held the lock before has changed of its
    function, too.
    """
    # Evaluated for the lock alone.
    list(Release.objects.select_for_update().filter(pk=release_id).values_list("pk"))
    return present(release_id)
