"""Looking at a function as the poll does, and the changes in AWS that it has to see."""

from __future__ import annotations

import pytest

from releases.models import AuditEvent, Release
from releases.pipeline.poll import poll
from releases.states import Gate
from tests.pipeline.ways import approved
from tests.world import World, package

GATES = pytest.mark.parametrize("gate", list(Gate))


def at_the_gate(
    world: World, gate: Gate = Gate.REVIEW_FIRST, *, two_versions: bool = False
) -> Release:
    """A release with one approval of two."""
    return approved(world, gate=gate, approvals=2, two_versions=two_versions)


def look(world: World, release: Release | None = None) -> None:
    poll(world.function.pk)
    world.function.refresh_from_db()
    if release:
        release.refresh_from_db()


def said(action: str) -> list[str]:
    found = AuditEvent.objects.filter(action=action).order_by("pk")
    return list(found.values_list("sentence", flat=True))


def change_code(world: World) -> None:
    world.client.update_function_code(FunctionName=world.name, ZipFile=package("theirs"))


def change_memory(world: World) -> None:
    world.client.update_function_configuration(FunctionName=world.name, MemorySize=512)


def change_value(world: World) -> None:
    variables = {"Variables": {"TOKEN": "planted-other"}}
    world.client.update_function_configuration(FunctionName=world.name, Environment=variables)


def move_live(world: World) -> None:
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="2")


def move_weights(world: World) -> None:
    weights = {"AdditionalVersionWeights": {"2": 0.25}}
    world.client.update_alias(FunctionName=world.name, Name="live", RoutingConfig=weights)


CHANGES = [
    pytest.param(change_code, "the code of $LATEST is now", id="one byte"),
    pytest.param(change_memory, "MemorySize changed from 128 to 512", id="one setting"),
    pytest.param(change_value, "the value of environment key TOKEN changed", id="one value"),
    pytest.param(move_live, "the alias live moved from version 1 to version 2", id="live"),
    pytest.param(move_weights, "version 1 with weights {'2': 0.25}", id="weights"),
]
