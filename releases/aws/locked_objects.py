"""Small objects that an S3 bucket keeps from being changed: the anchors of the audit history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from releases.aws import client
from releases.aws.types import Target


class BucketProblem(Exception):
    """S3 refused, or could not be reached."""


def put(region: str, bucket: str, key: str, body: bytes, *, locked_until: datetime | None) -> None:
    """Write an object, under Object Lock in compliance mode until then. Raises BucketProblem."""
    lock: dict[str, Any] = {}
    if locked_until:
        lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": locked_until}
    try:
        _s3(region, is_write=True).put_object(
            Bucket=bucket,
            Key=key,
            Body=body,
            ContentType="application/json",
            ChecksumAlgorithm="SHA256",
            **lock,
        )
    except (BotoCoreError, ClientError) as error:
        raise BucketProblem(str(error)) from error


def names(region: str, bucket: str, prefix: str) -> list[str]:
    """The keys of all objects under the prefix, once each. Raises BucketProblem.

    Those behind a delete marker, too: anybody may write one, though the lock keeps what is behind.
    """
    pages = _s3(region, is_write=False).get_paginator("list_object_versions")
    try:
        return sorted(
            {
                found["Key"]
                for page in pages.paginate(Bucket=bucket, Prefix=prefix)
                for found in page.get("Versions", [])
            }
        )
    except (BotoCoreError, ClientError) as error:
        raise BucketProblem(str(error)) from error


def _s3(region: str, *, is_write: bool) -> Any:
    # Sluice's own account, and none of an environment's: whoever releases has no hand in it.
    return client.client_for(Target(account_id="", region=region), "s3", is_write=is_write)
