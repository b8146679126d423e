"""The three queues. A job is a hint that work is due; the database says what work there is."""

import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_rq import get_queue
from redis import Redis

from releases import broker
from releases.cause import present_click
from releases.models import AuditExport, CodeComparison, Intake, Release, Round

JOB_SECONDS = 900
DAY_SECONDS = 86_400
POLL_SECONDS = 60


def enqueue_release(release_id: int) -> None:
    """After commit, ask a worker to take a release further, for the present click."""
    if click := _for_click():
        Release.objects.filter(pk=release_id).update(**click)
    enqueue_again(release_id)


def enqueue_again(release_id: int) -> None:
    """As `enqueue_release`, for the click that let the release go on: its turn or time has come."""
    Release.objects.filter(pk=release_id).update(enqueued_at=timezone.now())
    push_release(release_id)


def written_with() -> dict[str, Any]:
    """What a release is written with that `push_release` enqueues, for the present click."""
    return {"enqueued_at": timezone.now(), **_for_click()}


def push_release(release_id: int) -> None:
    """As `enqueue_release`, where `written_with` is in the row already: one query less."""
    _enqueue(settings.QUEUE_RELEASES, "releases.jobs.advance_release", release_id)


def enqueue_intake(intake_id: str) -> None:
    """After commit, ask a worker to read a package."""
    Intake.objects.filter(pk=intake_id).update(enqueued_at=timezone.now())
    push_intake(intake_id)


def push_intake(intake_id: str) -> None:
    """As `enqueue_intake`, for one that was written with its `enqueued_at` just now."""
    _enqueue(settings.QUEUE_INTAKE, "releases.jobs.read_intake", intake_id)


def enqueue_poll(function_id: int) -> None:
    """After commit, ask a worker to look at a function; an answer that comes late is of no use."""
    job = "releases.jobs.poll_function"
    _enqueue(settings.QUEUE_POLL, job, function_id, ttl=POLL_SECONDS)


def enqueue_trace(function_id: int) -> None:
    """After commit, ask a worker to look for who changed a function outside Sluice."""
    _enqueue(settings.QUEUE_POLL, "releases.jobs.trace_function", function_id, ttl=POLL_SECONDS)


def enqueue_rollback(rollback_id: int) -> None:
    """After commit, ask a worker to take up a rollback whose request was broken off."""
    _enqueue(settings.QUEUE_RELEASES, "releases.jobs.finish_rollback", rollback_id)


def enqueue_listing(environment_id: int) -> None:
    """After commit, ask a worker to list the functions of an environment."""
    job = "releases.jobs.list_environment"
    _enqueue(settings.QUEUE_POLL, job, environment_id, ttl=POLL_SECONDS)


def enqueue_aliases(function_ids: list[int]) -> None:
    """After commit, ask a worker to read the aliases of these functions."""
    job = "releases.jobs.read_aliases"
    _enqueue(settings.QUEUE_POLL, job, function_ids, ttl=POLL_SECONDS)


def enqueue_comparison(round_id: int) -> None:
    """After commit, ask a worker to compare what a round reviews with its baseline."""
    rows = Round.objects.filter(pk=round_id)
    rows.update(comparison_enqueued_at=timezone.now(), **_for_click())
    push_comparison(round_id)


def push_comparison(round_id: int) -> None:
    """As `enqueue_comparison`, for a round that was just opened, for the present click."""
    _enqueue(settings.QUEUE_INTAKE, "releases.jobs.compare_round", round_id)


def enqueue_code_comparison(comparison_id: int) -> None:
    """After commit, ask a worker to compare the code of two states of a function."""
    rows = CodeComparison.objects.filter(pk=comparison_id)
    rows.update(comparison_enqueued_at=timezone.now(), **_for_click())
    _enqueue(settings.QUEUE_INTAKE, "releases.jobs.compare_code", comparison_id)


def enqueue_export(export_id: str) -> None:
    """After commit, ask a worker to write an export of the history."""
    AuditExport.objects.filter(pk=export_id).update(touched_at=timezone.now())
    _enqueue(settings.QUEUE_INTAKE, "releases.jobs.write_export", export_id)


def _for_click() -> dict[str, uuid.UUID]:
    """What to write into a row that is worked on for the present click; nothing without one."""
    click = present_click()
    return {"click": click} if click else {}


def _enqueue(
    queue: str, job: str, argument: int | str | list[int], *, ttl: int | None = None
) -> None:
    """Enqueue `job`, by dotted path, under a random id; an extra job finds nothing to do.

    Never raises for Redis: what was not enqueued is found due by `recover()`.
    """

    def push(redis: Redis) -> None:
        get_queue(queue, connection=redis, commit_mode="auto").enqueue(
            job,
            argument,
            job_timeout=JOB_SECONDS,
            result_ttl=0,
            failure_ttl=DAY_SECONDS,
            ttl=ttl,
        )

    transaction.on_commit(lambda: broker.tell(f"a job for {job}", push), robust=True)
