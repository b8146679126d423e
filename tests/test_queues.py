"""Promises of the queues: a job after the commit, under a random id, and no error ever."""

import json
import socket
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import django_rq
import pytest
from django.core.management import call_command
from django.db import connections
from django_rq import get_queue, get_worker
from rq import Queue, SimpleWorker
from rq.timeouts import TimerDeathPenalty

from releases import broker, jobs, queues
from releases.management.commands import worker

pytestmark = pytest.mark.django_db


class InProcess(SimpleWorker):
    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        """The signals stay with the test run."""


@pytest.fixture(autouse=True)
def redis_was_not_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_down_until", 0.0)


@pytest.fixture
def releases_queue(settings: Any) -> Iterator[Queue]:
    # Tests that ran in this process before have left jobs that no worker was there for.
    for name in (settings.QUEUE_RELEASES, settings.QUEUE_INTAKE, settings.QUEUE_POLL):
        get_queue(name).delete(delete_jobs=True)
    queue = get_queue(settings.QUEUE_RELEASES)
    yield queue
    queue.delete(delete_jobs=True)
    queue.connection.close()


def test_a_release_is_enqueued_after_the_commit(
    releases_queue: Queue, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        queues.enqueue_release(1042)
        queues.enqueue_release(1042)
        assert releases_queue.count == 0
    first, second = releases_queue.jobs
    assert first.id != second.id
    assert (first.func_name, first.args) == ("releases.jobs.advance_release", [1042])
    assert (first.timeout, first.result_ttl, first.failure_ttl) == (900, 0, 86_400)


def test_a_worker_may_serve_one_queue_alone(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[str] = []

    class Idle:
        def work(self, **_: Any) -> None:
            """Nothing to do."""

    def worker(*queues: str, **_: Any) -> Idle:
        served.extend(queues)
        return Idle()

    monkeypatch.setattr(django_rq, "get_worker", worker)
    call_command("worker", "--only", "intake")
    assert served == [settings.QUEUE_INTAKE]


def test_an_intake_has_a_queue_of_its_own(
    settings: Any, releases_queue: Queue, django_capture_on_commit_callbacks: Any
) -> None:
    identifier = "8b1c3c6e-0000-4000-8000-0123456789ab"
    with django_capture_on_commit_callbacks(execute=True):
        queues.enqueue_intake(identifier)
    queue = get_queue(settings.QUEUE_INTAKE)
    (job,) = queue.jobs
    assert (job.func_name, job.args) == ("releases.jobs.read_intake", [identifier])
    assert releases_queue.count == 0
    queue.delete(delete_jobs=True)
    queue.connection.close()


def test_jobs_are_data_and_never_code(
    settings: Any, releases_queue: Queue, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        queues.enqueue_release(1042)
    (job,) = releases_queue.jobs
    kept: Any = releases_queue.connection.hget(job.key, "data")
    said = zlib.decompress(kept)
    assert json.loads(said) == ["releases.jobs.advance_release", None, [1042], {}]


def test_the_worker_reads_what_was_enqueued(
    settings: Any,
    releases_queue: Queue,
    django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker that the command makes, without its fork."""
    taken: list[int] = []
    monkeypatch.setattr(jobs, "advance_release", taken.append)
    in_process: Any = InProcess
    monkeypatch.setattr(django_rq, "get_worker", partial(get_worker, worker_class=in_process))
    monkeypatch.setattr(connections, "close_all", lambda: None)
    monkeypatch.setattr(worker, "refuse_demo_data", lambda: None)
    with django_capture_on_commit_callbacks(execute=True):
        queues.enqueue_release(1042)
    call_command("worker", burst=True)
    assert taken == [1042]


def test_a_redis_that_is_down_stops_nobody(
    settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with socket.socket() as chooser:
        chooser.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://127.0.0.1:{chooser.getsockname()[1]}/0"
    with django_capture_on_commit_callbacks(execute=True):
        queues.enqueue_release(1042)
