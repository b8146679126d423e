"""A release goes by its function's settings until it leaves the queue; then they are its own."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from releases.errors import StaleRelease
from releases.models import Function, Release
from releases.pipeline.context import StepContext


def follow_settings(ctx: StepContext) -> None:
    """A queued release goes by the function's settings of now, not of when it was requested."""
    with transaction.atomic():
        function = ctx.lock_function()
        wanted = settings_of(function)
        if wanted == settings_of_release(ctx.release):
            return
        ctx.save(**wanted)
        ctx.note("the function's settings changed since it was requested; it follows them")


def settings_of(function: Function) -> dict[str, Any]:
    """What a release takes over from its function: its gate and its live alias."""
    return {
        "gate": function.gate,
        "target_alias": function.live_alias,
        "creates_alias": function.creates_alias,
    }


def settings_of_release(release: Release) -> dict[str, Any]:
    return {name: getattr(release, name) for name in ("gate", "target_alias", "creates_alias")}


def settings_are_followed(ctx: StepContext) -> None:
    """Raises StaleRelease if they changed during the check: it is then made again from the start.

    The release's row is locked by the move, the function's here: as `change_function` locks them.
    """
    function = Function.objects.select_for_update().get(pk=ctx.function.pk)
    if settings_of(function) != settings_of_release(ctx.release):
        raise StaleRelease(f"the settings of {function.name} changed during the check")
