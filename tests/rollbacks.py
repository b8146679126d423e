"""A function that went from version 1 to version 2 through Sluice, and hands to roll it back."""

from __future__ import annotations

from releases.actions.roll_back import roll_back, seen_of
from releases.models import AuditEvent, Function, Release, Rollback
from sandbox.aws import SeedVersion
from tests.kept import kept
from tests.world import HERE, World, package


@kept
def released_twice(world: World, **more: object) -> Release:
    """`live` at version 2, which came through the gate; version 1 was live when added."""
    world.add(**more)  # type: ignore[arg-type]
    release = world.advance(world.request(package("two")))
    world.approve(release)
    world.advance(release)
    world.function.refresh_from_db()
    return release


def at(world: World, release: Release, *, state: str) -> Release:
    """`release` taken as far as `state`: waiting for approval, or approved."""
    world.advance(release)
    if state == "approved":
        world.approve(release)
        release.refresh_from_db()
    return release


def back(
    world: World, to: int = 1, *, by: str = "manager", reason: str = "Checkout fails"
) -> Rollback:
    function = Function.objects.get(pk=world.function.pk)
    return roll_back(
        function, to=to, reason=reason, seen=seen_of(function), by=world.people[by], origin=HERE
    )


def sentences(world: World) -> list[str]:
    events = AuditEvent.objects.filter(function_id=world.function.pk).order_by("pk")
    return list(events.values_list("sentence", flat=True))


@kept
def three_published(world: World) -> None:
    """Versions 1 to 3 in AWS before Sluice knew the function; only 3 was live."""
    code = [SeedVersion(code=package(text)) for text in ("one", "two", "three")]
    world.aws.reset()
    world.seed(versions=code, aliases={"live": "3"})
    world.add()


@kept
def released_without_alias(world: World) -> Function:
    """Callers run `$LATEST`, with the code of version 3; 2 and 3 came through the gate."""
    world.aws.reset()
    world.alias = ""
    world.seed()
    world.add()
    for text in ("two", "three"):
        release = world.advance(world.request(package(text)))
        world.approve(release)
        world.advance(release)
    world.function.refresh_from_db()
    return world.function
