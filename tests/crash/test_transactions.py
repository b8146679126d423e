"""`kill -9` in the middle of a database transaction, which must not outlive the work horse."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from releases.states import Gate
from tests.crash.history import assert_released_once
from tests.crash.processes import until
from tests.crash.recorded import Point, all_points
from tests.crash.scene import Kill, Scene, When
from tests.roles import owner

# The last call of each step: what follows is the transaction that ends the step.
LAST_CALLS = {(gate, point.step): point for gate in Gate for point in all_points(gate)}
CASES = [
    pytest.param(gate, point, whom, id=f"{gate}-{step}-{whom}")
    for (gate, step), point in LAST_CALLS.items()
    for whom in (Kill.HORSE, Kill.BOTH)
]


@contextmanager
def nobody_writes_history() -> Iterator[psycopg.Connection[Any]]:
    info = owner().info
    with psycopg.connect(info.dsn, password=info.password) as session:
        session.execute("LOCK TABLE releases_auditevent IN SHARE MODE")
        yield session


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted"
            " AND relation = 'releases_auditevent'::regclass"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(("gate", "point", "whom"), CASES)
def test_a_broken_off_transaction_leaves_no_trace(
    scene: Scene, gate: Gate, point: Point, whom: Kill
) -> None:
    scene.begin(gate, point)
    held = scene.hold(point, When.AFTER)
    worker = scene.worker_at(held)
    with nobody_writes_history():
        scene.world.aws.faults.release(held)
        until(somebody_waits, 5, "a work horse in a transaction")
        scene.kill(worker, whom)
    scene.zygote.worker()
    scene.released()
    assert_released_once(scene.world, scene.release)
