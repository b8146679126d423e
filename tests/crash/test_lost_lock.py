"""The lock's own connection ends while an AWS call is under way."""

import pytest
from django.db import connection

from releases.models import AuditEvent, Step
from releases.states import Gate
from tests.crash.history import assert_released_once, interrupted
from tests.crash.processes import Worker, until
from tests.crash.recorded import Point, all_points
from tests.crash.scene import Scene, When

# The writes, and the dry run: after it a round is opened.
SENT = [p for p in all_points(Gate.REVIEW_FIRST) if p.is_write or p.step == "check"][-4:]
POINTS = pytest.mark.parametrize("point", SENT, ids=str)


def end_the_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'sluice function lock' AND datname = current_database()"
        )
        assert cursor.fetchall() == [(True,)]


def held_without_lock(scene: Scene, point: Point, when: When) -> tuple[str, Worker]:
    scene.begin(Gate.REVIEW_FIRST, point)
    held = scene.hold(point, when)
    worker = scene.worker_at(held)
    end_the_lock()
    return held, worker


@pytest.mark.parametrize("when", list(When))
@POINTS
def test_the_worker_stops_and_takes_the_release_up_again(
    scene: Scene, point: Point, when: When
) -> None:
    held, _ = held_without_lock(scene, point, when)
    scene.world.aws.faults.release(held)
    scene.released()
    assert_released_once(scene.world, scene.release)
    assert interrupted(scene.release) == 1


@pytest.mark.parametrize("when", list(When))
@POINTS
def test_another_worker_takes_over_and_the_first_writes_nothing(
    scene: Scene, point: Point, when: When
) -> None:
    """Held before it is applied, the first worker's call even reaches AWS after the release."""
    held, first = held_without_lock(scene, point, when)
    scene.zygote.worker()
    scene.released()
    events, steps = AuditEvent.objects.count(), Step.objects.count()
    scene.world.aws.faults.release(held)
    until(lambda: not first.parent.children(), 5, "the end of the first work horse")
    assert (AuditEvent.objects.count(), Step.objects.count()) == (events, steps)
    assert_released_once(scene.world, scene.release)
