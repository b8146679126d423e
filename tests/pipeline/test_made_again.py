"""A function that was deleted and made again is said to be, however its first looks go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from releases.models import Drift
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.actions.drifts import VALUES, found, look, seeded
from tests.world import World, package

KEPT = ("Runtime", "Role", "Handler", "Timeout", "MemorySize", "Description")


@pytest.fixture
def make_again(world: World) -> Callable[[], None]:
    """Deletes checkout, which is seen; the call makes it again, exactly as it was."""
    seeded(world, alias="")
    settings = {key: world.latest()[key] for key in KEPT}

    def make() -> None:
        world.client.create_function(
            FunctionName=world.name,
            Code={"ZipFile": package("one")},
            Environment={"Variables": VALUES},
            **settings,
        )

    return make


def delete(world: World) -> None:
    world.client.delete_function(FunctionName=world.name)
    assert found(world).kinds == ["deleted"]


def assert_made_again(world: World) -> None:
    drift = found(world)
    assert drift.is_open and drift.what == ["it was deleted in AWS and made again"]
    assert Drift.objects.count() == 1
    assert not world.function.versions.exists()


def test_seen_first_while_aws_still_makes_it(world: World, make_again: Callable[[], None]) -> None:
    delete(world)
    world.aws.timing.in_progress = 60.0
    make_again()
    look(world)
    world.aws.settle(world.name, region="eu-west-1")
    assert_made_again(world)


def test_with_a_look_between_that_aws_did_not_answer(
    world: World, make_again: Callable[[], None]
) -> None:
    delete(world)
    world.aws.faults.add(Fault("GetFunction", "error", status=403, code="AccessDeniedException"))
    look(world)
    make_again()
    assert_made_again(world)


def test_seen_first_by_the_check_of_a_release(world: World, make_again: Callable[[], None]) -> None:
    release = world.request(package("two"))
    delete(world)
    make_again()
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    assert Drift.objects.get().is_open
    assert_made_again(world)
