"""Request that an S3 object be read once and kept like an upload."""

from __future__ import annotations

from accounts.models import User
from releases.actions.bring_in import begin, label_of, may_bring_in, only
from releases.actions.refusal import refused_intake
from releases.audit import Origin
from releases.aws.names import BUCKET_NAME, NOT_A_BUCKET
from releases.errors import InvalidInput
from releases.models import Function, Intake, IntakeSource


def request_object(
    *, function: Function, bucket: str, key: str, object_version: str, by: User, origin: Origin
) -> Intake:
    """Have the worker read an S3 object once and keep it like an upload.

    Raises NotAllowed, InvalidInput.
    """
    bucket, key, object_version = bucket.strip(), key.strip(), object_version.strip()
    whole = f"s3://{bucket}/{key}"
    label = label_of(f"{whole}?versionId={object_version}" if object_version else whole)
    with refused_intake(label, function, by=by, origin=origin):
        may_bring_in(by, function)
        only(function, "Zip", "use an S3 object")
        if bucket and not BUCKET_NAME.fullmatch(bucket):
            raise InvalidInput(NOT_A_BUCKET, field="bucket")
    if not bucket:
        raise InvalidInput("Name the bucket.", field="bucket")
    if not key:
        raise InvalidInput("Name the object's key.", field="key")
    return begin(
        Intake(
            function=function,
            person=by,
            source=IntakeSource.S3,
            label=label,
            bucket=bucket,
            key=key,
            object_version=object_version,
        ),
        by=by,
        origin=origin,
    )
