"""What more than one test of the pipeline begins with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world import World


@pytest.fixture
def two_versions(world: World) -> Iterator[World]:
    world.client.update_function_configuration(FunctionName=world.name, Description="x")
    world.client.publish_version(FunctionName=world.name)
    yield world
