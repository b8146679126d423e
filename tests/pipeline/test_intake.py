"""Bringing a package in: uploads, S3 objects and images, accepted or refused with the reason."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases.actions.request_image import request_image
from releases.actions.request_object import request_object
from releases.audit.aws_calls import gateway_for
from releases.errors import InvalidInput
from releases.models import Artifact, Intake, IntakeState
from releases.packages import store
from releases.packages.errors import PackageError
from releases.packages.sizes import INLINE_LIMIT
from releases.pipeline import intake
from sandbox.aws import Fault
from sandbox.aws.seed import SeedVersion
from tests.pipeline.ways import added
from tests.world import ACCOUNT, HERE, REGION, World, package


def from_s3(world: World, bucket: str, key: str, version: str = "") -> Intake:
    taken = request_object(
        function=world.function, bucket=bucket, key=key, object_version=version,
        by=world.people["developer"], origin=HERE,
    )  # fmt: skip
    intake.read(str(taken.pk))
    taken.refresh_from_db()
    return taken


def test_an_upload_is_inspected_and_accepted(world: World) -> None:
    added(world)
    taken = world.bring_in(package("two"))
    assert (taken.state, taken.warnings) == (IntakeState.ACCEPTED, [])
    assert taken.artifact and taken.artifact.entry_count == 1


def test_the_same_package_twice_is_the_same_artifact(world: World) -> None:
    added(world)
    assert world.bring_in(package("two")).artifact == world.bring_in(package("two")).artifact


def test_reading_twice_changes_nothing(world: World) -> None:
    added(world)
    taken = world.bring_in(package("two"))
    intake.read(str(taken.pk))
    assert Artifact.objects.count() == 1


def test_what_is_no_zip_is_refused_with_advice(world: World) -> None:
    added(world)
    taken = world.bring_in(b"hello")
    assert taken.state == IntakeState.REFUSED and taken.problem and taken.advice


def test_an_escaping_path_is_refused(world: World) -> None:
    added(world)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    taken = world.bring_in(buffer.getvalue())
    assert taken.state == IntakeState.REFUSED and "../../etc/passwd" in taken.problem


def test_reviewers_are_warned_when_the_handler_is_missing(world: World) -> None:
    added(world)
    taken = world.bring_in(package("two", entry="other.py"))
    assert [warning["code"] for warning in taken.warnings] == ["handler-missing"]


def test_over_50_mb_needs_a_bucket_and_says_so_before_reading(world: World) -> None:
    from releases.actions.receive_upload import receive_upload

    added(world)

    def never_read() -> None:
        raise AssertionError("the body was read")

    with pytest.raises(PackageError, match="staging bucket"):
        receive_upload(
            function=world.function, stream_chunks=iter(never_read, None), name="big.zip",
            by=world.people["developer"], origin=HERE, declared_size=INLINE_LIMIT + 1,
        )  # fmt: skip


def test_an_s3_object_is_read_once_and_kept(world: World) -> None:
    added(world)
    world.aws.seed.bucket("builds", region=REGION)
    first = world.aws.seed.object("builds", "checkout.zip", package("two"))
    world.aws.seed.object("builds", "checkout.zip", package("three"))
    taken = from_s3(world, "builds", "checkout.zip", first or "")
    assert (taken.state, taken.object_version) == (IntakeState.ACCEPTED, first)
    assert taken.artifact == world.bring_in(package("two")).artifact


@pytest.mark.parametrize(
    ("bucket", "key", "says"),
    [("nowhere", "x.zip", "NoSuchBucket"), ("builds", "missing.zip", "NoSuchKey")],
)
def test_a_missing_object_is_refused(world: World, bucket: str, key: str, says: str) -> None:
    added(world)
    world.aws.seed.bucket("builds", region=REGION)
    taken = from_s3(world, bucket, key)
    assert taken.state == IntakeState.REFUSED and says in taken.problem and taken.advice


def as_image(world: World) -> str:
    """Make checkout an Image function; the tag of another image."""
    current = world.aws.seed.image("checkout", "v1", region=REGION)
    world.aws.seed.image("checkout", "v2", region=REGION, content="second")
    world.seed(versions=[SeedVersion(code=current)])
    added(world)
    return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/checkout:v2"


def test_an_image_is_pinned_by_its_digest_and_released(world: World) -> None:
    from releases.actions.create_release import create_release

    tag = as_image(world)
    by = world.people["developer"]
    taken = request_image(function=world.function, uri=tag, by=by, origin=HERE)
    intake.read(str(taken.pk))
    taken.refresh_from_db()
    assert taken.artifact and "@sha256:" in taken.artifact.image_uri
    release = create_release(function=world.function, intake=taken, by=by, origin=HERE)
    world.advance(release)
    world.approve(release)
    assert world.advance(release).state == "released", release.error_message
    version = world.client.get_function(FunctionName="checkout", Qualifier="2")
    assert version["Code"]["ResolvedImageUri"] == taken.artifact.image_uri
    assert version["Configuration"]["CodeSha256"] == taken.artifact.code_sha256


def test_an_unknown_image_is_refused(world: World) -> None:
    tag = as_image(world).replace(":v2", ":v9")
    taken = request_image(
        function=world.function, uri=tag, by=world.people["developer"], origin=HERE
    )
    intake.read(str(taken.pk))
    taken.refresh_from_db()
    assert taken.state == IntakeState.REFUSED and taken.advice


def test_a_zip_is_not_for_an_image_function(world: World) -> None:
    as_image(world)
    with pytest.raises(InvalidInput, match="deployed as Image"):
        world.bring_in(package("two"))


def test_a_large_package_goes_through_the_bucket_by_its_version(world: World) -> None:
    from releases.models import AwsCall

    world.aws.seed.bucket("staging", region=REGION)
    world.environment.staging_bucket = "staging"
    world.environment.save()
    world.add()
    buffer = io.BytesIO(package("large"))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("data.bin", bytes(range(256)) * 40_000)
    release = world.advance(world.request(buffer.getvalue()))
    world.approve(release)
    assert world.advance(release).state == "released", release.error_message
    sent = AwsCall.objects.get(release=release, operation="UpdateFunctionCode", is_write=True)
    assert sent.request["S3Bucket"] == "staging" and sent.request["S3ObjectVersion"]
    assert release.artifact and sent.request["S3Key"] == release.artifact.sha256


def begun_long_ago(taken: Intake) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    Intake.objects.filter(pk=taken.pk).update(created_at=long_ago, state=IntakeState.READING)


def read_again(taken: Intake) -> Intake:
    intake.read(str(taken.pk))
    taken.refresh_from_db()
    return taken


def received(world: World, code: bytes) -> Intake:
    """An upload that no worker has looked at yet."""
    from releases.actions.receive_upload import receive_upload

    return receive_upload(
        function=world.function, stream_chunks=[code], name="package.zip",
        by=world.people["developer"], origin=HERE,
    )  # fmt: skip


def test_an_s3_that_does_not_answer_is_asked_again_and_not_for_ever(
    world: World, settings: Any
) -> None:
    added(world)
    world.aws.seed.bucket("builds", region=REGION)
    world.aws.seed.object("builds", "checkout.zip", package("two"))
    busy = Fault("GetObject", "error", status=503, code="SlowDown", message="Slow.", times=99)
    world.aws.faults.add(busy)
    taken = from_s3(world, "builds", "checkout.zip")
    assert (taken.state, taken.problem) == (IntakeState.READING, "")
    settings.SLUICE_WAIT_SECONDS = 0
    read_again(taken)
    assert taken.state == IntakeState.REFUSED and taken.problem and taken.advice


def test_a_read_that_is_killed_every_time_ends(world: World) -> None:
    added(world)
    taken = received(world, package("two"))
    begun_long_ago(taken)
    read_again(taken)
    assert taken.state == IntakeState.REFUSED
    assert "did not end within 15 minutes" in taken.problem and "again" in taken.advice


def test_an_upload_that_waited_long_for_a_worker_is_read(world: World) -> None:
    added(world)
    taken = received(world, package("two"))
    begun_long_ago(taken)
    Intake.objects.filter(pk=taken.pk).update(state=IntakeState.RECEIVED)
    assert read_again(taken).state == IntakeState.ACCEPTED


def test_a_package_that_is_gone_from_the_store_is_refused(
    world: World, artifact_store: Any
) -> None:
    added(world)
    taken = received(world, package("two"))
    (artifact_store / store.package_name(taken.sha256)).unlink()
    read_again(taken)
    assert taken.state == IntakeState.REFUSED and "Upload it again" in taken.advice


def test_a_late_second_read_leaves_what_was_accepted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(world)
    world.aws.seed.bucket("builds", region=REGION)
    world.aws.seed.object("builds", "checkout.zip", package("two"))
    inner = gateway_for

    def overtaken(environment: Any) -> Any:
        """Another worker reads the object and finishes, then it is replaced, then we read it."""
        monkeypatch.setattr(intake, "gateway_for", inner)
        intake.read(str(Intake.objects.get().pk))
        world.aws.seed.object("builds", "checkout.zip", package("three"))
        return inner(environment)

    monkeypatch.setattr(intake, "gateway_for", overtaken)
    taken = from_s3(world, "builds", "checkout.zip")
    assert taken.state == IntakeState.ACCEPTED and taken.artifact
    assert taken.sha256 == taken.artifact.sha256


def test_what_was_kept_from_aws_is_looked_into_when_it_is_uploaded(world: World) -> None:
    added(world)
    taken = received(world, package("two"))
    kept = Artifact.objects.create(
        kind="zip", sha256=taken.sha256, code_sha256="from AWS", size=taken.size
    )
    assert read_again(taken).artifact == kept
    kept.refresh_from_db()
    assert kept.entry_count == 1 and kept.unzipped_size and kept.content_digest
