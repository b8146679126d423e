"""What the matrix is derived from: the calls of a release that nobody disturbs."""

import pytest

from releases.models import AwsCall, StepName
from releases.states import Gate, ReleaseState
from tests.crash.history import REJECTED, STEPS, assert_history, assert_released_once
from tests.crash.recorded import AFTER_THE_GATE, BEFORE_THE_GATE, WITHDRAWAL, Calls
from tests.crash.scene import Scene
from tests.world import package

# A GET of the address that GetFunction gave: not an operation of AWS, and of no consequence.
DOWNLOAD = "DownloadCode"


def made_since(scene: Scene, number: int) -> Calls:
    """The calls that Sluice recorded, which must be all that AWS saw."""
    rows = AwsCall.objects.filter(release=scene.release).exclude(operation=DOWNLOAD)
    found = tuple(rows.values_list("step__name", "operation"))[number:]
    seen = [call.operation for call in scene.world.aws.calls.find()]
    assert seen[-len(found) :] == [operation for _, operation in found]
    return found


@pytest.mark.parametrize("gate", list(Gate))
def test_the_matrix_covers_every_call(scene: Scene, gate: Gate) -> None:
    # Not put back as for the other tests: here the job, too, is the one that requesting leaves.
    scene.world.add(gate=gate)
    scene.release = scene.world.request(package("two"))
    scene.zygote.worker()
    scene.wait_for(ReleaseState.AWAITING_APPROVAL)
    assert made_since(scene, 0) == BEFORE_THE_GATE[gate]
    scene.approve()
    scene.wait_for(ReleaseState.RELEASED)
    assert made_since(scene, len(BEFORE_THE_GATE[gate])) == AFTER_THE_GATE[gate]
    assert_released_once(scene.world, scene.release)


def test_the_matrix_covers_every_call_of_a_withdrawal(scene: Scene) -> None:
    scene.rejected(Gate.STAGE_FIRST)
    scene.zygote.worker()
    scene.wait_for(ReleaseState.REJECTED)
    assert made_since(scene, len(BEFORE_THE_GATE[Gate.STAGE_FIRST])) == WITHDRAWAL
    assert_history(scene.release, REJECTED, [*STEPS[:2], StepName.WITHDRAW])
