"""What the choices about drift share: the row as the person saw it, and refusals in the history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from releases.actions.refusal import recorded_refusal
from releases.audit import Origin, named
from releases.errors import StaleDrift
from releases.models import Drift, Function


def chosen(drift: Drift, *, seen: int) -> Drift:
    """The locked row, if it is still what the page showed; call in a transaction.

    The function's row is locked before it, as everybody does. Raises StaleDrift.
    """
    Function.objects.select_for_update().get(pk=drift.function_id)
    related = Drift.objects.select_related("function__environment", "release")
    locked = related.select_for_update(of=("self",)).get(pk=drift.pk)
    if locked.is_open and locked.revision != seen:
        raise StaleDrift(
            f"{locked.function.name} was changed once more since this page was loaded:"
            f" {locked.detail}. Look again, then choose."
        )
    if not locked.is_open:
        who = locked.closed_by.name if locked.closed_by else "Sluice"
        raise StaleDrift(
            f"This was decided in the meantime: {locked.get_state_display().lower()} by {who}."
        )
    return locked


@contextmanager
def refused_drift(verb: str, drift: Drift, *, by: User, origin: Origin) -> Iterator[None]:
    """Record a refusal that leaves this block; must be outside the action's transaction."""
    with recorded_refusal(
        "drift.refused",
        by=by,
        origin=origin,
        function=drift.function,
        about=named(drift),
        verb=verb,
        drift=drift.pk,
    ):
        yield
