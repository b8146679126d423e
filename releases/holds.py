"""What stops a function at this moment: whether anything may change what its callers run."""

from __future__ import annotations

from releases.models import Function, Hold, Release
from releases.states import Gate


def hold_on(function: Function) -> Hold | None:
    """The hold in force, with who placed it."""
    in_force = Hold.objects.filter(function=function, ended_at=None)
    return in_force.select_related("placed_by").first()


def why_held(function: Function) -> str:
    """Why nothing may go out now, as a sentence; empty if something may."""
    hold = hold_on(function)
    return in_words(function, hold) if hold else ""


def in_words(function: Function, hold: Hold) -> str:
    until = f" until {hold.expires_at:%Y-%m-%d %H:%M} UTC" if hold.expires_at else ""
    return f"{hold.placed_by.name} put {function.name} on hold{until}: {hold.reason}"


def staging_is_going_live(release: Release) -> bool:
    """Whether callers may run `$LATEST` the moment this release stages."""
    return release.gate == Gate.REVIEW_FIRST or not release.target_alias
