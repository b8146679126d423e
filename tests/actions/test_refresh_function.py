"""Reading a function on demand, while Sluice itself moves what is read."""

from __future__ import annotations

from releases.actions.refresh_function import refresh_function
from releases.models import Drift, Function
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.actions.drifts import look
from tests.aside import aside, in_a_thread
from tests.world import HERE, World, package


def test_what_was_read_before_a_shift_is_not_written_down_after_it(world: World) -> None:
    world.add()
    release = world.advance(world.request(package("two")))
    world.approve(release)
    moving = world.aws.faults.add(Fault("UpdateAlias", "hold"))
    worker = in_a_thread(release)
    assert world.aws.faults.wait_held(moving, 20)
    reading = world.aws.faults.add(Fault("ListAliases", "hold", after=True))
    found = Function.objects.get(pk=world.function.pk)
    reader = aside(lambda: refresh_function(found, by=world.people["manager"], origin=HERE))
    assert world.aws.faults.wait_held(reading, 20)
    world.aws.faults.release(moving)
    worker.join(30)
    world.aws.faults.release(reading)
    reader.join(30)
    release.refresh_from_db()
    world.function.refresh_from_db()
    assert (release.state, world.function.live_version) == (ReleaseState.RELEASED, 2)
    look(world)
    assert not Drift.objects.exists()
