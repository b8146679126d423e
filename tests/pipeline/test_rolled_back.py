"""A rollback while a release is under way: whichever call it is at, what was live stays back."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection

from releases.holds import hold_on
from releases.models import Release, RollbackState
from releases.pipeline import engine, poll
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.rollbacks import back, released_twice
from tests.world import World, package

# Where staging comes first, UpdateFunctionCode is sent before the gate.
CALLS = [
    (gate, operation, after)
    for gate in Gate
    for operation in ("UpdateFunctionCode", "PublishVersion", "UpdateAlias")
    for after in (False, True)
    if (gate, operation) != (Gate.STAGE_FIRST, "UpdateFunctionCode")
]


def in_a_thread(release: Release) -> Thread:
    def work() -> None:
        try:
            engine.advance(release.pk)
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    return thread


@pytest.mark.parametrize(("gate", "operation", "after"), CALLS)
def test_live_stays_where_the_rollback_put_it(
    world: World, gate: Gate, operation: str, after: bool
) -> None:
    released_twice(world, gate=gate)
    release = world.advance(world.request(package("three")))
    world.approve(release)
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
