"""S3: packages taken in from a bucket, and packages put into the staging bucket."""

import hashlib
from io import BytesIO

import pytest

from releases.aws import errors
from releases.aws.gateway import Gateway
from sandbox.aws import AwsSandbox, Fault
from tests.aws.recorder import Recorder

BODY = b"package" * 100_000
DIGEST = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def bucket(aws: AwsSandbox) -> str:
    aws.seed.bucket("staging")
    return "staging"


def put(gateway: Gateway, bucket: str, body: bytes = BODY, size: int | None = None) -> str:
    length = len(body) if size is None else size
    return gateway.put_package(bucket, DIGEST, BytesIO(body), sha256=DIGEST, size=length)


def test_object_is_streamed(gateway: Gateway, aws: AwsSandbox, bucket: str) -> None:
    version = aws.seed.object(bucket, "build.zip", BODY)
    stored, chunks = gateway.open_object(bucket, "build.zip")
    assert (stored.size, stored.version_id) == (len(BODY), version)
    assert stored.last_modified is not None
    received = list(chunks)
    assert b"".join(received) == BODY
    assert len(received) > 1


def test_older_version_of_an_object_is_opened_by_its_id(
    gateway: Gateway, aws: AwsSandbox, bucket: str
) -> None:
    first = aws.seed.object(bucket, "build.zip", b"first")
    aws.seed.object(bucket, "build.zip", b"second")
    stored, chunks = gateway.open_object(bucket, "build.zip", str(first))
    assert (b"".join(chunks), stored.version_id) == (b"first", first)


def test_missing_object_and_bucket_are_not_found(gateway: Gateway, bucket: str) -> None:
    with pytest.raises(errors.NotFound) as caught:
        gateway.open_object(bucket, "gone")
    assert (caught.value.name, caught.value.http_status) == ("NoSuchKey", 404)
    with pytest.raises(errors.NotFound, match="NoSuchBucket"):
        gateway.open_object("no-such-bucket", "gone")


def test_package_is_put_with_its_checksum(gateway: Gateway, bucket: str, log: Recorder) -> None:
    version = put(gateway, bucket)
    _, chunks = gateway.open_object(bucket, DIGEST, version)
    assert b"".join(chunks) == BODY
    written = next(entry for entry in log.entries if entry.is_write)
    assert written.operation == "PutObject"
    assert set(written.request) == {"Bucket", "Key", "ChecksumSHA256", "ContentLength"}


def test_package_that_is_there_is_not_put_again(
    gateway: Gateway, aws: AwsSandbox, bucket: str
) -> None:
    assert put(gateway, bucket) == put(gateway, bucket)
    assert len(aws.calls.find(operation="PutObject")) == 1


def test_other_bytes_under_the_same_key_are_not_mistaken_for_it(
    gateway: Gateway, aws: AwsSandbox, bucket: str
) -> None:
    planted = aws.seed.object(bucket, DIGEST, b"planted".ljust(len(BODY)))
    assert put(gateway, bucket) != planted


def test_bucket_without_versions_is_refused(gateway: Gateway, aws: AwsSandbox) -> None:
    aws.seed.bucket("plain", versioned=False)
    for _ in range(2):
        with pytest.raises(errors.Permanent, match="plain keeps no versions") as caught:
            put(gateway, "plain")
        assert "Turn on versioning" in caught.value.advice


def test_upload_that_gets_no_answer_is_sent_once(
    gateway: Gateway, aws: AwsSandbox, bucket: str
) -> None:
    aws.faults.add(Fault("PutObject", "drop", after=True))
    with pytest.raises(errors.OutcomeUnknown):
        put(gateway, bucket)
    assert put(gateway, bucket)
    assert len(aws.calls.find(operation="PutObject")) == 1


def test_bucket_that_may_not_be_written_is_access_denied(
    gateway: Gateway, aws: AwsSandbox, bucket: str
) -> None:
    for operation in ("HeadObject", "PutObject"):
        aws.faults.add(Fault(operation, "error", status=403, code="AccessDenied"))
    with pytest.raises(errors.AccessDenied):
        put(gateway, bucket)
