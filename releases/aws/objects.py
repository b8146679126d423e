"""S3 objects: a package to take in, and the staging bucket that Lambda reads large ones from."""

import hmac
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from releases.aws.calls import Caller
from releases.aws.errors import AccessDenied, AwsError, NotFound, Permanent
from releases.aws.translate import CALL_ERRORS, translate
from releases.aws.types import StoredObject

CHUNK = 1 << 18


def open_object(
    caller: Caller, bucket: str, key: str, version_id: str
) -> tuple[StoredObject, Iterator[bytes]]:
    """What the object is, and its bytes while they arrive; close the iterator when done early."""
    request = {"Bucket": bucket, "Key": key}
    if version_id:
        request["VersionId"] = version_id

    def read(answer: Mapping[str, Any]) -> tuple[StoredObject, Any]:
        stored = StoredObject(
            bucket=bucket,
            key=key,
            version_id=_version(answer),
            size=answer["ContentLength"],
            etag=answer.get("ETag", "").strip('"'),
            last_modified=answer.get("LastModified"),
        )
        return stored, answer["Body"]

    stored, body = caller.call("s3", "GetObject", request, read)
    return stored, _chunks(body)


def put_package(
    caller: Caller, bucket: str, key: str, file: BinaryIO, *, sha256: str, size: int
) -> str:
    """The VersionId under which the bucket holds these bytes, uploaded only if it must be.

    S3 itself compares the bytes with the checksum. Putting the same package twice is harmless.
    """
    checksum = _base64(sha256)
    found = _present(caller, bucket, key, checksum, size)
    if found is None:
        request = {"Bucket": bucket, "Key": key, "ChecksumSHA256": checksum, "ContentLength": size}
        found = caller.call(
            "s3",
            "PutObject",
            {**request, "Body": file, "ChecksumAlgorithm": "SHA256"},
            _version,
            is_write=True,
            summary=request,
        )
    if not found:
        raise Permanent(
            f"The staging bucket {bucket} keeps no versions, so that a package in it could be "
            "replaced between approval and release.",
            name="BucketNotVersioned",
            operation="PutObject",
        )
    return found


def _present(caller: Caller, bucket: str, key: str, checksum: str, size: int) -> str | None:
    """The version that is there already, by the checksum that S3 computed when it came in."""
    request = {"Bucket": bucket, "Key": key, "ChecksumMode": "ENABLED"}

    def read(answer: Mapping[str, Any]) -> str | None:
        recorded = answer.get("ChecksumSHA256", "")
        same = hmac.compare_digest(recorded, checksum) and answer["ContentLength"] == size
        return _version(answer) or None if same else None

    try:
        return caller.call("s3", "HeadObject", request, read)
    except (NotFound, AccessDenied):
        # Without s3:ListBucket a missing key is a 403; PutObject will tell a real one.
        return None


def _version(answer: Mapping[str, Any]) -> str:
    """Empty without versioning; "null" is what a bucket says whose versioning is suspended."""
    version = answer.get("VersionId", "")
    return "" if version == "null" else str(version)


def _base64(sha256: str) -> str:
    return b64encode(bytes.fromhex(sha256)).decode() if len(sha256) == 64 else sha256


def _chunks(body: Any) -> Iterator[bytes]:
    failure: AwsError | None = None
    try:
        yield from body.iter_chunks(CHUNK)
    except CALL_ERRORS as error:
        failure = translate(error, operation="GetObject", is_write=False)
    finally:
        body.close()
    if failure:
        raise failure
