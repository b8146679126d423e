"""A write of a dead worker that reaches AWS late, before or after a new worker made its own."""

import pytest

from releases.states import Gate
from sandbox.aws import Fault
from tests.crash.history import assert_released_once
from tests.crash.processes import until
from tests.crash.recorded import Point, all_points
from tests.crash.scene import Kill, Scene, When

WRITES = [
    pytest.param(gate, point, id=f"{gate}-{point}")
    for gate in Gate
    for point in all_points(gate)
    if point.is_write
]


@pytest.mark.parametrize(("gate", "point"), WRITES)
def test_after_the_release_it_changes_nothing(scene: Scene, gate: Gate, point: Point) -> None:
    scene.begin(gate, point)
    held = scene.hold(point, When.BEFORE)
    scene.kill(scene.worker_at(held), Kill.BOTH)
    scene.zygote.worker()
    scene.released()
    scene.world.aws.faults.release(held)
    scene.zygote.end_all()
    assert_released_once(scene.world, scene.release)


@pytest.mark.parametrize(("gate", "point"), WRITES)
def test_just_before_the_next_write_it_counts_as_ours(
    scene: Scene, gate: Gate, point: Point
) -> None:
    scene.begin(gate, point)
    held = scene.hold(point, When.BEFORE)
    scene.kill(scene.worker_at(held), Kill.BOTH)
    again = scene.world.aws.faults.add(Fault(operation=point.operation, action="hold"))
    scene.zygote.worker()
    assert scene.world.aws.faults.wait_held(again, 10)
    calls = len(scene.world.aws.calls.find())
    scene.world.aws.faults.release(held)
    until(lambda: len(scene.world.aws.calls.find()) > calls, 5, "the late write")
    scene.world.aws.faults.release(again)
    scene.released()
    assert_released_once(scene.world, scene.release)
