"""Comparing the code of two states of a function, out of AWS's own bytes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases.actions.compare_code import compare_code as asked
from releases.models import Artifact, AwsCall, CodeComparison, Comparison, Function
from releases.packages.store import artifacts, package_name
from releases.pipeline import difference
from releases.pipeline.compare_code import compare_code
from releases.pipeline.difference import MOST_TRIES
from releases.pipeline.recover import recover
from sandbox.aws import Fault
from sandbox.aws.seed import SeedVersion
from tests.packages.zips import zip_of
from tests.pipeline.ways import added
from tests.world import REGION, World, package


def between(function: Function, old: int | str, new: int | str) -> CodeComparison:
    """The comparison of two versions, or of `$LATEST`, as somebody has just asked for it."""
    function.refresh_from_db()
    pair = code_of(function, old), code_of(function, new)
    return asked(function, pair)[pair]


def code_of(function: Function, place: int | str) -> str:
    if isinstance(place, str):
        return function.latest_code_sha256
    return function.versions.get(number=place).code_sha256


def worked(row: CodeComparison) -> CodeComparison:
    compare_code(row.pk)
    row.refresh_from_db()
    return row


@pytest.fixture
def function(world: World) -> Function:
    """Three versions, published by somebody who does not know Sluice."""
    world.seed(versions=[SeedVersion(code=package(text)) for text in ("one", "two", "three")])
    return added(world)


def test_two_versions_are_fetched_and_compared(function: Function) -> None:
    row = worked(between(function, 1, 3))
    assert (row.comparison, row.summary) == (Comparison.DONE, "1 file changed")
    assert row.counts["changed"] == 1 and row.compared_at
    kept = Artifact.objects.values_list("sha256", flat=True)
    assert len(kept) == 2 and all(artifacts().exists(package_name(each)) for each in kept)


def test_what_is_here_already_is_not_fetched_again(function: Function) -> None:
    worked(between(function, 1, 2))
    downloads = AwsCall.objects.filter(operation="DownloadCode")
    before = downloads.count()
    assert worked(between(function, 2, 1)).comparison == Comparison.DONE
    assert downloads.count() == before == 2


def test_latest_is_compared_as_it_was_read(world: World, function: Function) -> None:
    code = world.client.update_function_code(FunctionName="checkout", ZipFile=package("theirs"))
    Function.objects.update(latest_code_sha256=code["CodeSha256"])
    assert worked(between(function, 1, "$LATEST")).summary == "1 file changed"


def test_only_another_order_in_the_zip_is_identical_content(world: World) -> None:
    files = {"index.py": b"def handler(event, context): pass\n", "b.txt": b"b"}
    old, new = zip_of(files), zip_of(dict(reversed(files.items())))
    world.seed(versions=[SeedVersion(code=old), SeedVersion(code=new)])
    row = worked(between(world.add(), 1, 2))
    assert row.summary == "identical content, new archive hash"


def test_code_that_nobody_has_any_more_is_said(world: World, function: Function) -> None:
    world.client.delete_function(FunctionName="checkout", Qualifier="2")
    row = worked(between(function, 1, 2))
    assert row.comparison == Comparison.FAILED
    assert "no longer" in row.comparison_problem and "cannot be looked into" in (
        row.comparison_problem
    )


def test_a_hostile_package_ends_with_its_reason(world: World) -> None:
    hostile = zip_of({"../../etc/passwd": b"x"})
    world.seed(versions=[SeedVersion(code=package("one")), SeedVersion(code=hostile)])
    row = worked(between(world.add(), 1, 2))
    assert (row.comparison, "../../etc/passwd" in row.comparison_problem) == (
        Comparison.FAILED,
        True,
    )


def test_images_are_compared_by_their_layers(world: World) -> None:
    uris = [
        world.aws.seed.image("checkout", tag, region=REGION, content=tag) for tag in ("v1", "v2")
    ]
    world.seed(versions=[SeedVersion(code=uri) for uri in uris])
    row = worked(between(world.add(), 1, 2))
    assert row.comparison == Comparison.DONE
    assert "layers the same" in row.summary
    assert row.counts["new"]["digest"] == f"sha256:{row.new_sha256}"


def test_when_aws_does_not_answer_it_waits_and_is_recovered(
    world: World, function: Function
) -> None:
    row = between(function, 1, 2)
    world.aws.faults.add(
        Fault("GetFunction", "error", status=429, code="TooManyRequestsException", times=20)
    )
    worked(row)
    assert (row.comparison, row.comparison_tries, row.summary) == (Comparison.WAITING, 0, "")
    assert "TooManyRequests" in row.comparison_problem
    world.aws.faults.clear()
    CodeComparison.objects.update(comparison_enqueued_at=timezone.now() - timedelta(minutes=2))
    assert recover() == 1
    assert (worked(row).comparison, row.comparison_problem) == (Comparison.DONE, "")
    CodeComparison.objects.update(comparison_enqueued_at=timezone.now() - timedelta(minutes=2))
    assert recover() == 0


def test_a_job_that_redis_never_heard_of_is_recovered(function: Function) -> None:
    between(function, 1, 2)
    CodeComparison.objects.update(comparison_enqueued_at=None)
    assert recover() == 1
    assert recover() == 0


class Killed(BaseException):
    """The worker's process ended."""


def _after(call: Callable[..., Any]) -> Callable[..., Any]:
    def dies(*arguments: Any, **more: Any) -> Any:
        call(*arguments, **more)
        raise Killed

    return dies


@pytest.mark.parametrize("place", ["look_into", "_difference", "files_in_words"])
def test_a_worker_that_dies_on_the_way_leaves_it_to_the_next(
    function: Function, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    row = between(function, 1, 2)
    with monkeypatch.context() as broken:
        broken.setattr(difference, place, _after(getattr(difference, place)))
        with pytest.raises(Killed):
            compare_code(row.pk)
    row.refresh_from_db()
    assert (row.comparison, row.comparison_tries) == (Comparison.WAITING, 1)
    assert (worked(row).comparison, row.summary) == (Comparison.DONE, "1 file changed")
    assert row.comparison_tries == 0


def test_what_is_done_is_not_done_again(function: Function) -> None:
    row = worked(between(function, 1, 2))
    at, calls = row.compared_at, AwsCall.objects.count()
    assert worked(row).compared_at == at
    assert AwsCall.objects.count() == calls


def test_one_that_ends_every_worker_is_given_up(function: Function) -> None:
    row = between(function, 1, 2)
    CodeComparison.objects.update(comparison_tries=MOST_TRIES)
    assert (worked(row).comparison, "broke off" in row.comparison_problem) == (
        Comparison.FAILED,
        True,
    )


def test_nothing_is_written_to_aws_and_no_release_has_its_calls(function: Function) -> None:
    worked(between(function, 1, 2))
    assert AwsCall.objects.filter(release=None, operation="DownloadCode").exists()
    assert not AwsCall.objects.filter(is_write=True).exists()
