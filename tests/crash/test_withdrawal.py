"""`kill -9` while a rejected release is taken back: `$LATEST` ends as it was before."""

import pytest

from releases.models import StepName
from releases.states import Gate, ReleaseState
from tests.crash.history import REJECTED, STEPS, adopted, assert_history, interrupted
from tests.crash.recorded import WITHDRAWAL, Point, points
from tests.crash.scene import Kill, Scene, When

MATRIX = [
    pytest.param(when, point, whom, id=f"{when}-{point}-{whom}")
    for point in points(WITHDRAWAL)
    for when in When
    for whom in Kill
]


@pytest.mark.parametrize(("when", "point", "whom"), MATRIX)
def test_a_killed_worker_puts_latest_back(
    scene: Scene, when: When, point: Point, whom: Kill
) -> None:
    world = scene.world
    scene.rejected(Gate.STAGE_FIRST)
    # Nobody has touched `$LATEST` since this version was made of it.
    version = world.client.get_function_configuration(FunctionName=world.name, Qualifier="1")
    before = version["CodeSha256"]
    assert world.latest()["CodeSha256"] != before
    scene.crash(point, when, whom)
    scene.wait_for(ReleaseState.REJECTED)
    assert world.latest()["CodeSha256"] == before
    assert (world.versions(), world.live()) == (["1"], "1")
    assert_history(scene.release, REJECTED, [*STEPS[:2], StepName.WITHDRAW])
    assert interrupted(scene.release) == (whom != Kill.PARENT)
    unheard = point.is_write and when == When.AFTER and whom != Kill.PARENT
    assert adopted(scene.release) == ([point.operation] if unheard else [])
