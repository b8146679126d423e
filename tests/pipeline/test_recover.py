"""recover(): what should move goes into the queue again, in few queries however much waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from releases.models import Release
from releases.pipeline.recover import recover, wake
from releases.states import ReleaseState
from tests.factories import FunctionFactory, ReleaseFactory

pytestmark = pytest.mark.django_db
LATER = timedelta(days=1)


def enqueued() -> set[int]:
    return set(Release.objects.exclude(enqueued_at=None).values_list("pk", flat=True))


def test_of_each_queue_the_next_one_alone_is_looked_at() -> None:
    first = ReleaseFactory.create(state=ReleaseState.QUEUED)
    ReleaseFactory.create(state=ReleaseState.QUEUED, function=first.function)
    ahead = ReleaseFactory.create(state=ReleaseState.QUEUED)
    second = ReleaseFactory.create(state=ReleaseState.QUEUED, function=ahead.function)
    Release.objects.filter(pk=second.pk).update(queue_place=-1)
    assert recover() == 2
    assert enqueued() == {first.pk, second.pk}


def test_behind_one_in_flight_nobody_is_next() -> None:
    slot = ReleaseFactory.create(state=ReleaseState.FAILED)
    ReleaseFactory.create(state=ReleaseState.QUEUED, function=slot.function)
    assert recover() == 0


def test_nobody_is_next_while_the_next_one_waits_for_its_time() -> None:
    first = ReleaseFactory.create(state=ReleaseState.QUEUED, due_at=timezone.now() + LATER)
    ReleaseFactory.create(state=ReleaseState.QUEUED, function=first.function)
    wake(first.function_id)
    assert (recover(), enqueued()) == (0, set())


def test_a_long_queue_costs_no_more_than_a_short_one() -> None:
    function = FunctionFactory.create()
    costs = []
    for more in (2, 30):
        ReleaseFactory.create_batch(more, state=ReleaseState.QUEUED, function=function)
        Release.objects.update(enqueued_at=None)
        with CaptureQueriesContext(connection) as asked:
            assert recover() == 1
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_rollbacks_are_taken_up_before_any_release_is_looked_at() -> None:
    with CaptureQueriesContext(connection) as asked:
        recover()
    tables = [each["sql"].partition(' FROM "')[2].partition('"')[0] for each in asked]
    assert tables.index("releases_rollback") < tables.index("releases_release")
