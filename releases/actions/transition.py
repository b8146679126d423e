"""The one compare-and-set that makes every move of a release, and records it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from releases import queues
from releases.audit import Evidence, Origin, record
from releases.errors import IllegalTransition, StaleRelease
from releases.models import Release
from releases.states import FINAL, IN_FLIGHT, Gate, ReleaseState, allowed

NOTHING_MORE = Evidence()
SLOT = "one_release_in_flight_per_function"


def transition(
    release: Release,
    to: ReleaseState,
    *,
    by: User | None,
    origin: Origin | None = None,
    attempt: uuid.UUID | None = None,
    said: dict[str, Any] | None = None,
    evidence: Evidence = NOTHING_MORE,
    **fields: Any,
) -> None:
    """Move `release` to `to`, once, and say who did it. `said` fills the event's sentence,
    and `evidence` is kept with it besides the states.

    With `attempt`, only the worker that still owns the release can move it.
    Raises IllegalTransition if the table has no such move, StaleRelease if somebody else moved
    it first or another release of the function is in flight.
    """
    source = ReleaseState(release.state)
    if not allowed(source, to, Gate(release.gate)):
        raise IllegalTransition(f"{release.reference} cannot go from {source} to {to}")
    now = timezone.now()
    fields |= {"state": to, "changed_at": now, "due_at": None, "waiting_since": None}
    if to in FINAL:
        fields["finished_at"] = now
    matching = Release.objects.filter(pk=release.pk, state=source)
    if attempt:
        matching = matching.filter(attempt=attempt)
    # Elsewhere the slot is its own already, and a savepoint to go back to is not needed.
    takes_the_slot = to in IN_FLIGHT and source not in IN_FLIGHT
    try:
        with transaction.atomic(savepoint=takes_the_slot):
            if matching.update(**fields) != 1:
                raise StaleRelease(_moved(release))
            record(
                f"release.{to}",
                by=by,
                origin=origin,
                release=release,
                about=evidence.about,
                before={"state": source.value} | dict(evidence.before or {}),
                after={"state": to.value} | dict(evidence.after or {}),
                aws_request_ids=evidence.aws_request_ids,
                **{"was": source.value} | (said or {}),
            )
            if to in FINAL:
                _wake_next(release)
    except IntegrityError as error:
        if SLOT not in str(error):
            raise
        raise StaleRelease(
            f"Another release of {release.function.name} is in flight; {release.reference} waits."
        ) from error
    for name, value in fields.items():
        setattr(release, name, value)


def _moved(release: Release) -> str:
    now = ReleaseState(Release.objects.values_list("state", flat=True).get(pk=release.pk))
    return (
        f"{release.reference} was moved by somebody else in the meantime: it is"
        f" {now.label.lower()} now. Reload to see what happened."
    )


def _wake_next(release: Release) -> None:
    """The function is free: the first of its queue goes next."""
    waiting = Release.objects.in_queue().filter(function_id=release.function_id)
    following = waiting.values_list("pk", flat=True).first()
    if following:
        queues.enqueue_again(following)
