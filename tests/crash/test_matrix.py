"""`kill -9` around every AWS call: released soon, one new version, and the history complete."""

import pytest

from releases.states import Gate
from tests.crash.history import adopted, assert_released_once, interrupted
from tests.crash.recorded import Point, all_points
from tests.crash.scene import PATIENCE, Kill, Scene, When

MATRIX = [
    pytest.param(gate, when, point, whom, id=f"{gate}-{when}-{point}-{whom}")
    for gate in Gate
    for point in all_points(gate)
    for when in When
    for whom in Kill
]


@pytest.mark.parametrize(("gate", "when", "point", "whom"), MATRIX)
def test_a_killed_worker_costs_nothing(
    scene: Scene, gate: Gate, when: When, point: Point, whom: Kill
) -> None:
    scene.begin(gate, point)
    scene.crash(point, when, whom)
    assert scene.released() < PATIENCE
    assert_released_once(scene.world, scene.release)
    assert interrupted(scene.release) == (whom != Kill.PARENT)
    unheard = point.is_write and when == When.AFTER and whom != Kill.PARENT
    assert adopted(scene.release) == ([point.operation] if unheard else [])
