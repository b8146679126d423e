"""Having two states of a function compared: once for ever, by whoever asks first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from releases.actions.compare_code import compare_code, compare_code_again
from releases.errors import NotAllowed, StaleRelease
from releases.models import AuditEvent, CodeComparison, Comparison
from tests.factories import FunctionFactory
from tests.world import HERE

pytestmark = pytest.mark.django_db


def test_it_waits_for_a_worker_who_is_told(django_capture_on_commit_callbacks: Any) -> None:
    function = FunctionFactory.create()
    with django_capture_on_commit_callbacks() as told:
        found = compare_code(function, ("a", "b"))
    assert found["a", "b"].comparison == Comparison.WAITING
    assert len(told) == 1
    assert CodeComparison.objects.get().comparison_enqueued_at


def test_asking_again_costs_one_query_and_no_work(
    django_assert_num_queries: Any, django_capture_on_commit_callbacks: Any
) -> None:
    function = FunctionFactory.create()
    pairs = [("a", "b"), ("c", "b")]
    first = compare_code(function, *pairs)
    with django_assert_num_queries(1), django_capture_on_commit_callbacks() as told:
        second = compare_code(function, *pairs)
    assert told == [] and second == first and len(first) == 2


def test_the_other_direction_is_another_comparison() -> None:
    function = FunctionFactory.create()
    assert compare_code(function, ("a", "b"), ("b", "a")).keys() == {("a", "b"), ("b", "a")}


def test_the_same_code_and_what_is_unknown_have_none(django_assert_num_queries: Any) -> None:
    function = FunctionFactory.create()
    with django_assert_num_queries(0):
        assert compare_code(function, ("a", "a"), ("", "a"), ("a", "")) == {}


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_get_one() -> None:
    function = FunctionFactory.create()

    def ask(_: int) -> int:
        try:
            return compare_code(function, ("a", "b"))["a", "b"].pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(ask, range(16)))
    assert found == {CodeComparison.objects.get().pk}


@pytest.fixture
def failed() -> CodeComparison:
    return CodeComparison.objects.create(
        function=FunctionFactory.create(),
        old_sha256="a",
        new_sha256="b",
        comparison=Comparison.FAILED,
        comparison_problem="No.",
    )


def test_what_failed_is_tried_once_more(failed: CodeComparison, developer: User) -> None:
    compare_code_again(failed, by=developer, origin=HERE)
    failed.refresh_from_db()
    assert (failed.comparison, failed.comparison_problem) == (Comparison.WAITING, "")
    said = AuditEvent.objects.get(action="function.compared_again").sentence
    assert said == f"{developer.name} had two states of {failed.function.name} compared once more"


def test_two_who_try_again_at_once_do_it_once(failed: CodeComparison, developer: User) -> None:
    CodeComparison.objects.update(comparison=Comparison.WAITING)
    with pytest.raises(StaleRelease):
        compare_code_again(failed, by=developer, origin=HERE)
    assert not AuditEvent.objects.filter(action="function.compared_again").exists()


@pytest.mark.parametrize("who", ["viewer", "auditor"])
def test_who_only_reads_may_not(
    failed: CodeComparison, who: str, request: pytest.FixtureRequest
) -> None:
    reader: User = request.getfixturevalue(who)
    with pytest.raises(NotAllowed, match="have code compared once more"):
        compare_code_again(failed, by=reader, origin=HERE)
    failed.refresh_from_db()
    assert failed.comparison == Comparison.FAILED
    assert AuditEvent.objects.get(action="function.compare_refused").actor_id == reader.pk
