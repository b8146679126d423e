"""Redis loses everything it held: the database knows what is due."""

from datetime import timedelta

import pytest
from django.db.models import F

from releases.models import Release
from releases.pipeline.recover import QUIET, recover
from releases.states import Gate
from tests.crash.history import assert_released_once, interrupted
from tests.crash.processes import kill
from tests.crash.queue import empty_redis, waiting_jobs
from tests.crash.recorded import Point
from tests.crash.scene import Scene, When

PUBLISH = Point("publish", "PublishVersion", 0, after_the_gate=True)


@pytest.mark.parametrize("gate", list(Gate))
def test_the_worker_goes_on_with_what_it_does(scene: Scene, gate: Gate) -> None:
    scene.begin(gate, PUBLISH)
    held = scene.hold(PUBLISH, When.BEFORE)
    scene.worker_at(held)
    empty_redis()
    scene.world.aws.faults.release(held)
    scene.released()
    assert_released_once(scene.world, scene.release)
    assert interrupted(scene.release) == 0


@pytest.mark.parametrize("gate", list(Gate))
def test_cron_finds_what_died_with_its_job(scene: Scene, gate: Gate) -> None:
    scene.begin(gate, PUBLISH)
    held = scene.hold(PUBLISH, When.BEFORE)
    worker = scene.worker_at(held)
    empty_redis()
    kill(scene.horse)
    scene.world.aws.faults.release(held, apply=False)
    Release.objects.update(enqueued_at=F("enqueued_at") - QUIET)
    scene.zygote.start("cron")
    scene.released()
    assert_released_once(scene.world, scene.release)
    assert worker.parent.is_running()


def test_a_new_worker_finds_what_was_never_taken_up(scene: Scene) -> None:
    scene.at_the_gate(Gate.REVIEW_FIRST)
    scene.approve()
    assert waiting_jobs() and empty_redis() and not waiting_jobs()
    scene.zygote.worker()
    scene.released()
    assert_released_once(scene.world, scene.release)


def test_cron_leaves_alone_what_was_enqueued_a_moment_ago(scene: Scene) -> None:
    scene.at_the_gate(Gate.REVIEW_FIRST)
    scene.approve()
    assert recover() == 0
    Release.objects.update(enqueued_at=F("enqueued_at") - QUIET - timedelta(seconds=1))
    assert recover() == 1
