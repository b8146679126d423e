"""Comparing a round's candidate with what is live, out of AWS's own bytes on both sides."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases.actions.compare_again import compare_again
from releases.actions.create_release import create_release
from releases.actions.request_image import request_image
from releases.errors import NotAllowed
from releases.models import Artifact, AuditEvent, AwsCall, Comparison, Intake, Release, Round
from releases.packages.store import artifacts, package_name
from releases.pipeline import intake
from releases.pipeline.compare import compare
from releases.pipeline.difference import MOST_TRIES
from releases.pipeline.recover import recover
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from sandbox.aws.seed import SeedVersion
from tests.packages.zips import zip_of
from tests.pipeline.test_intake import as_image
from tests.pipeline.ways import added, at_the_gate
from tests.world import HERE, World, package


def checked(world: World, code: bytes | None = None, **settings: Any) -> Release:
    if code is None:
        return at_the_gate(world, **settings)
    world.add(**settings)
    return world.advance(world.request(code))


def compared(release: Release) -> Round:
    round_ = release.current_round
    assert round_ is not None
    compare(round_.pk)
    round_.refresh_from_db()
    return round_


def events(action: str) -> list[str]:
    return list(AuditEvent.objects.filter(action=action).values_list("sentence", flat=True))


@pytest.mark.parametrize("gate", list(Gate))
def test_a_release_is_compared_with_the_live_version(world: World, gate: Gate) -> None:
    release = checked(world, gate=gate)
    round_ = compared(release)
    assert round_.comparison == Comparison.DONE
    assert round_.summary == "1 file changed; configuration unchanged"
    assert round_.counts["changed"] == 1
    assert round_.counts["lines"] == {"added": 1, "removed": 1, "uncounted": 0}
    assert round_.compared_at
    assert events("release.compared") == [
        f"{release.reference} of checkout was compared with what is live: {round_.summary}"
    ]


def test_a_version_published_outside_sluice_is_fetched_and_kept(world: World) -> None:
    release = checked(world)
    ours = release.artifact
    assert ours and list(Artifact.objects.all()) == [ours]
    compared(release)
    fetched = Artifact.objects.exclude(pk=ours.pk).get()
    assert fetched.entry_count == 1
    assert artifacts().exists(package_name(fetched.sha256))
    assert artifacts().manifest(fetched.sha256)


def test_without_an_alias_latest_is_what_is_live(world: World) -> None:
    world.alias = ""
    world.seed(versions=(), code=package("one"), aliases={})
    release = checked(world, live_alias="")
    assert compared(release).summary == "1 file changed; configuration unchanged"


def test_a_release_without_a_package_compares_what_latest_holds(world: World) -> None:
    added(world)
    world.client.update_function_code(FunctionName="checkout", ZipFile=package("theirs"))
    world.client.update_function_configuration(FunctionName="checkout", MemorySize=512)
    release = world.advance(world.request(None))
    said = compared(release).summary
    assert said == "1 file changed; memory 128 → 512 MB; role unchanged"


def test_other_values_of_the_environment_are_told_by_their_key(world: World) -> None:
    added(world)
    world.client.update_function_configuration(
        FunctionName="checkout", Environment={"Variables": {"TOKEN": "other", "URL": "new"}}
    )
    said = compared(world.advance(world.request(None))).summary
    assert said == (
        "code unchanged; environment key TOKEN changed; environment key URL added; role unchanged"
    )


def test_only_another_order_in_the_zip_is_identical_content(world: World) -> None:
    files = {"index.py": b"def handler(event, context): pass\n", "b.txt": b"b"}
    old, new = zip_of(files), zip_of(dict(reversed(files.items())))
    world.seed(versions=[SeedVersion(code=old)])
    round_ = compared(checked(world, new))
    assert round_.summary == "identical content, new archive hash; configuration unchanged"


def test_where_nothing_is_live_every_file_is_new(world: World) -> None:
    world.seed(aliases={})
    release = checked(world, creates_alias=True)
    round_ = compared(release)
    assert (round_.summary, round_.counts["added"]) == ("first package", 1)


def test_images_are_compared_by_digest(world: World) -> None:
    tag = as_image(world)
    by = world.people["developer"]
    taken = request_image(function=world.function, uri=tag, by=by, origin=HERE)
    intake.read(str(taken.pk))
    taken.refresh_from_db()
    release = create_release(function=world.function, intake=taken, by=by, origin=HERE)
    round_ = compared(world.advance(release))
    assert round_.summary == (
        "0 of 1 layers the same, 1 added (1 bytes), 1 removed; configuration unchanged"
    )
    assert round_.counts["new"]["tag"] == "v2"


def test_where_ecr_refuses_the_layers_are_unknown(world: World) -> None:
    tag = as_image(world)
    by = world.people["developer"]
    taken = request_image(function=world.function, uri=tag, by=by, origin=HERE)
    intake.read(str(taken.pk))
    taken.refresh_from_db()
    release = create_release(function=world.function, intake=taken, by=by, origin=HERE)
    world.advance(release)
    Intake.objects.update(image_uri=f"{'9' * 12}.dkr.ecr.eu-west-1.amazonaws.com/gone@sha256:"
                          + "0" * 64)  # fmt: skip
    assert compared(release).summary.startswith("another image, whose layers are not known")


def test_a_hostile_package_in_aws_ends_with_its_reason(world: World) -> None:
    world.seed(versions=[SeedVersion(code=zip_of({"../../etc/passwd": b"x"}))])
    release = checked(world)
    round_ = compared(release)
    assert (round_.comparison, release.state) == (
        Comparison.FAILED,
        ReleaseState.AWAITING_APPROVAL,
    )
    assert "What is live cannot be looked into" in round_.comparison_problem
    assert "../../etc/passwd" in round_.comparison_problem
    assert events("release.not_compared")


def test_code_that_aws_no_longer_has_ends_with_that_reason(world: World) -> None:
    release = checked(world)
    world.aws.faults.add(Fault("GetFunction", "error", status=404, code="ResourceNotFoundException",
                               message="gone", times=9))  # fmt: skip
    assert "no longer" in compared(release).comparison_problem


def test_when_aws_does_not_answer_it_is_tried_again_later(world: World) -> None:
    release = checked(world)
    world.aws.faults.add(
        Fault("GetFunction", "error", status=429, code="TooManyRequestsException", times=20)
    )
    round_ = compared(release)
    assert (round_.comparison, round_.comparison_tries) == (Comparison.WAITING, 0)
    assert "TooManyRequests" in round_.comparison_problem
    world.aws.faults.clear()
    Round.objects.update(comparison_enqueued_at=timezone.now() - timedelta(minutes=2))
    assert recover() == 1
    round_ = compared(release)
    assert (round_.comparison, round_.comparison_problem) == (Comparison.DONE, "")


def test_a_refusal_is_kept_until_somebody_asks_once_more(world: World) -> None:
    release = checked(world)
    world.aws.faults.add(
        Fault("GetFunction", "error", status=403, code="AccessDeniedException", message="No.")
    )
    round_ = compared(release)
    assert round_.comparison == Comparison.FAILED
    assert "AccessDeniedException: No." in round_.comparison_problem
    compare_again(release, by=world.people["developer"], origin=HERE)
    assert compared(release).comparison == Comparison.DONE
    assert len(events("release.compared_again")) == 1


def test_what_was_compared_is_not_compared_again(world: World) -> None:
    release = checked(world)
    compared(release)
    with pytest.raises(NotAllowed):
        compare_again(release, by=world.people["developer"], origin=HERE)
    compared(release)
    assert len(events("release.compared")) == 1


def test_a_comparison_that_ends_every_worker_is_given_up(world: World) -> None:
    release = checked(world)
    release.rounds.update(comparison_tries=MOST_TRIES)
    round_ = compared(release)
    assert (round_.comparison, "broke off" in round_.comparison_problem) == (
        Comparison.FAILED,
        True,
    )


def test_what_was_overwritten_meanwhile_is_found_among_our_own(world: World) -> None:
    """Without an alias the baseline is `$LATEST`, which staging overwrites."""
    world.alias = ""
    world.seed(versions=(), code=package("one"), aliases={})
    release = checked(world, live_alias="")
    world.approve(release)
    assert world.advance(release).state == ReleaseState.RELEASED
    assert compared(release).comparison == Comparison.DONE


def test_nothing_is_written_to_aws(world: World) -> None:
    release = checked(world)
    before = world.latest()["RevisionId"]
    compared(release)
    assert world.latest()["RevisionId"] == before
    reads = AwsCall.objects.filter(release=None, operation="DownloadCode")
    assert reads.exists() and not AwsCall.objects.filter(release=None, is_write=True).exists()
