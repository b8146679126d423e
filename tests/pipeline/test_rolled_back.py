"""A rollback while a release is under way: whichever call it is at, what was live stays back."""

from __future__ import annotations

from typing import Any

import pytest

from releases.actions.refresh_function import refresh_function
from releases.holds import hold_on
from releases.models import Function, Release, RollbackState
from releases.pipeline import poll
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.aside import aside, in_a_thread
from tests.kept import kept
from tests.rollbacks import back, released_twice
from tests.world import HERE, World, package

# Where staging comes first, UpdateFunctionCode is sent before the gate.
CALLS = [
    (gate, operation, after)
    for gate in Gate
    for operation in ("UpdateFunctionCode", "PublishVersion", "UpdateAlias")
    for after in (False, True)
    if (gate, operation) != (Gate.STAGE_FIRST, "UpdateFunctionCode")
]


@kept
def approved_again(world: World, **more: Any) -> Release:
    """Version 2 is live, and the next package may go out."""
    released_twice(world, **more)
    release = world.advance(world.request(package("three")))
    world.approve(release)
    return release


@pytest.mark.parametrize(("gate", "operation", "after"), CALLS)
def test_live_stays_where_the_rollback_put_it(
    world: World, gate: Gate, operation: str, after: bool
) -> None:
    release = approved_again(world, gate=gate)
    fault = world.aws.faults.add(Fault(operation, "hold", after=after))
    worker = in_a_thread(release)
    assert world.aws.faults.wait_held(fault, 20)
    done = back(world)
    assert (done.state, world.live()) == (RollbackState.DONE, "1")
    world.aws.faults.release(fault)
    worker.join(30)
    assert not worker.is_alive()
    poll.poll(world.function.pk)
    release.refresh_from_db()
    world.function.refresh_from_db()
    assert (world.live(), world.function.live_version) == ("1", 1)
    assert hold_on(world.function) is not None
    assert release.state in (ReleaseState.CONFLICT, ReleaseState.RELEASED)


def test_a_package_staged_meanwhile_keeps_the_rollback_on_the_pages(world: World) -> None:
    """The worker read the alias before the rollback, and writes `$LATEST` down after it."""
    release = approved_again(world)
    fault = world.aws.faults.add(Fault("UpdateFunctionCode", "hold", after=True))
    worker = in_a_thread(release)
    assert world.aws.faults.wait_held(fault, 20)
    back(world)
    # Nor does the next step read the alias again.
    world.aws.faults.add(Fault("GetAlias", "error", status=403, code="AccessDenied"))
    world.aws.faults.release(fault)
    worker.join(30)
    release.refresh_from_db()
    world.function.refresh_from_db()
    assert (release.state, release.staged is None) == (ReleaseState.FAILED, False)
    assert (world.live(), world.function.live_version) == ("1", 1)


@pytest.mark.parametrize("reads", ["poll", "person"])
def test_what_was_read_before_a_rollback_is_not_written_down_after_it(
    world: World, reads: str
) -> None:
    released_twice(world)
    fault = world.aws.faults.add(Fault("ListAliases", "hold", after=True))

    def read() -> None:
        if reads == "poll":
            poll.poll(world.function.pk)
        else:
            found = Function.objects.get(pk=world.function.pk)
            refresh_function(found, by=world.people["manager"], origin=HERE)

    reader = aside(read)
    assert world.aws.faults.wait_held(fault, 20)
    back(world)
    world.aws.faults.release(fault)
    reader.join(30)
    world.function.refresh_from_db()
    alias = world.function.aliases.get(name="live")
    assert (world.live(), world.function.live_version, alias.version) == ("1", 1, "1")


def test_nor_is_what_a_step_read_before_it(world: World) -> None:
    """Without the drift that it would look like, neither."""
    released_twice(world)
    release = world.request(package("three"))
    fault = world.aws.faults.add(Fault("GetAlias", "hold", after=True))
    worker = in_a_thread(release)
    assert world.aws.faults.wait_held(fault, 20)
    back(world)
    # Nor does a later read of this step make up for it.
    world.aws.faults.add(Fault("UpdateFunctionCode", "error", status=403, code="AccessDenied"))
    world.aws.faults.release(fault)
    worker.join(30)
    world.function.refresh_from_db()
    assert (world.live(), world.function.live_version) == ("1", 1)
    assert not world.function.drifts.exists()


def test_a_person_who_reads_during_a_rollback_reads_once_more(world: World) -> None:
    released_twice(world)
    world.client.update_function_configuration(FunctionName=world.name, MemorySize=512)
    fault = world.aws.faults.add(Fault("ListAliases", "hold", after=True))
    found = Function.objects.get(pk=world.function.pk)
    reader = aside(lambda: refresh_function(found, by=world.people["manager"], origin=HERE))
    assert world.aws.faults.wait_held(fault, 20)
    back(world)
    world.aws.faults.release(fault)
    reader.join(30)
    world.function.refresh_from_db()
    assert world.function.latest_configuration["MemorySize"] == 512
