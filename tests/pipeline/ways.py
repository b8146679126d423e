"""Where tests of more than one file begin: walked to once, and put back from then on.

Each begins with the one before it, and says the gate even where it is the usual one: what is
put back is known by its arguments as they were written.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

from django.utils import timezone

from releases.models import Function, Release
from releases.states import Gate
from tests.kept import kept
from tests.world import World, package


def sha_of(text: str) -> str:
    """What AWS calls CodeSha256, without asking it: asked first, a way would have to be walked."""
    return base64.b64encode(hashlib.sha256(package(text)).digest()).decode()


def publish_another(world: World) -> None:
    """Version 2 differs from version 1 in its description alone; `live` stays."""
    world.client.update_function_configuration(FunctionName=world.name, Description="x")
    world.client.publish_version(FunctionName=world.name)


@kept
def added(
    world: World, *, gate: Gate = Gate.REVIEW_FIRST, two_versions: bool = False, **more: Any
) -> Function:
    if two_versions:
        publish_another(world)
    return world.add(gate=gate, **more)


@kept
def requested(world: World, *, gate: Gate = Gate.REVIEW_FIRST, **more: Any) -> Release:
    """Queued, and no worker has looked at it."""
    added(world, gate=gate, **more)
    return world.request(package("two"))


@kept
def at_the_gate(world: World, *, gate: Gate = Gate.REVIEW_FIRST, **more: Any) -> Release:
    return world.advance(requested(world, gate=gate, **more))


@kept
def approved(world: World, *, gate: Gate = Gate.REVIEW_FIRST, **more: Any) -> Release:
    """By one manager, who is enough; no worker went on with it."""
    release = at_the_gate(world, gate=gate, **more)
    world.approve(release)
    return release


@kept
def approved_for_tomorrow(world: World, **more: Any) -> Release:
    """A worker has put it off to `not_before`."""
    added(world, **more)
    tomorrow = timezone.now().replace(microsecond=0) + timedelta(days=1)
    release = world.advance(world.request(package("two"), not_before=tomorrow))
    world.approve(release)
    return world.advance(release)
