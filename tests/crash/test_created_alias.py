"""`kill -9` where shift creates the alias, which only a function without one has it do."""

import pytest

from releases.models import AwsCall
from releases.states import Gate, ReleaseState
from tests.crash.history import adopted, assert_released_once, interrupted
from tests.crash.recorded import AFTER_THE_GATE, Point
from tests.crash.scene import PATIENCE, Kill, Scene, When

CREATE = "CreateAlias"
MATRIX = [pytest.param(when, whom, id=f"{when}-{CREATE}-{whom}") for when in When for whom in Kill]


@pytest.fixture
def without(scene: Scene) -> Scene:
    """Approved, and the function has no alias yet."""
    scene.world.aws.reset()
    scene.world.seed(aliases={})
    scene.approved(Gate.REVIEW_FIRST, creates_alias=True)
    return scene


@pytest.mark.parametrize(("when", "whom"), MATRIX)
def test_a_killed_worker_creates_it_once(without: Scene, when: When, whom: Kill) -> None:
    without.crash(Point("shift", CREATE, 0), when, whom)
    assert without.released() < PATIENCE
    assert_released_once(without.world, without.release)
    assert interrupted(without.release) == (whom != Kill.PARENT)
    unheard = when == When.AFTER and whom != Kill.PARENT
    assert adopted(without.release) == ([CREATE] if unheard else [])


def test_undisturbed_it_is_the_only_other_call(without: Scene) -> None:
    before = AwsCall.objects.filter(release=without.release).count()
    without.zygote.worker()
    without.wait_for(ReleaseState.RELEASED)
    rows = AwsCall.objects.filter(release=without.release).exclude(operation="DownloadCode")
    made = tuple(rows.values_list("step__name", "operation"))[before:]
    assert made == (*AFTER_THE_GATE[Gate.REVIEW_FIRST][:-1], ("shift", CREATE))
