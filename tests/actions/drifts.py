"""What the tests of drift do outside Sluice, and how they see what Sluice made of it."""

from __future__ import annotations

from collections.abc import Callable

from releases.actions.ignore_drift import ignore_drift
from releases.models import AuditEvent, Drift, Release
from releases.pipeline.poll import poll
from sandbox.aws import SeedVersion
from tests.kept import kept
from tests.world import HERE, World, package

VALUES = {"TOKEN": "planted-secret", "REGION": "planted-region"}


@kept
def seeded(world: World, *, alias: str = "live") -> None:
    """checkout with two environment values, added to Sluice and read once."""
    world.alias = alias
    world.seed(configuration={"Environment": {"Variables": VALUES}}, versions=[
        SeedVersion(code=package("one"), description="first")
    ])  # fmt: skip
    world.add()
    look(world)


@kept
def drifted(world: World, *changes: Callable[[World], None], alias: str = "live") -> Drift:
    """`seeded`, then changed outside Sluice, which saw it."""
    seeded(world, alias=alias)
    for change in changes:
        change(world)
    return found(world)


@kept
def ignored(world: World, *changes: Callable[[World], None], alias: str = "live") -> Drift:
    """`drifted`, and a manager let it be."""
    drift = drifted(world, *changes, alias=alias)
    manager, why = world.people["manager"], "Load test"
    ignore_drift(drift, by=manager, origin=HERE, seen=drift.revision, reason=why)
    return drift


def look(world: World) -> Drift | None:
    """What a poll sees; the newest drift there is."""
    poll(world.function.pk)
    world.function.refresh_from_db()
    return Drift.objects.for_page().filter(function=world.function).first()


def found(world: World) -> Drift:
    drift = look(world)
    assert drift is not None
    return drift


def change_memory(world: World, size: int = 512) -> None:
    world.client.update_function_configuration(FunctionName=world.name, MemorySize=size)


def change_environment(world: World, **variables: str) -> None:
    given = {"Variables": variables}
    world.client.update_function_configuration(FunctionName=world.name, Environment=given)


def change_code(world: World, text: str = "theirs") -> None:
    world.client.update_function_code(FunctionName=world.name, ZipFile=package(text))


def said(action: str) -> list[str]:
    events = AuditEvent.objects.filter(action=action).order_by("pk")
    return list(events.values_list("sentence", flat=True))


def through_the_gate(world: World, release: Release, *approvers: str) -> Release:
    world.advance(release)
    for name in approvers:
        world.approve(release, by=name)
    return world.advance(release)
