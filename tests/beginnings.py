"""Where many tests begin: a function under release management, and a release of it on its way."""

from __future__ import annotations

from releases.models import Function, Release
from tests.kept import kept
from tests.world import World, package


@kept
def added(world: World, **more: object) -> Function:
    """Nothing was requested yet."""
    return world.add(**more)  # type: ignore[arg-type]


@kept
def at_the_gate(world: World, **more: object) -> Release:
    """Version 2 waits for approval."""
    added(world, **more)
    return world.advance(world.request(package("two")))


@kept
def approved(world: World, **more: object) -> Release:
    """Version 2 may go out, and no worker has looked at it since."""
    release = at_the_gate(world, **more)
    world.approve(release)
    release.refresh_from_db()
    return release
