"""What Lambda needs of the other services, asked of moto in this process, imported on first use."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from sandbox.aws import errors, moto_images
from sandbox.aws.names import Place

DEFAULT_ACCOUNT = "123456789012"
ACCESS_KEY = re.compile(r"[A-Z0-9]{20}")
IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[^:@]+)(?::(?P<tag>[^:@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


def account_of(access_key: str) -> str:
    """The account behind a key, as moto resolves it: its own keys, else the default account."""
    if not ACCESS_KEY.fullmatch(access_key) or "moto.iam.models" not in sys.modules:
        return DEFAULT_ACCOUNT
    from moto.iam.models import get_account_id_from

    return str(get_account_id_from(access_key))


def name_of(access_key: str, place: Place) -> str:
    """The user behind a key, or `role/session`; empty for keys that moto did not make."""
    if not ACCESS_KEY.fullmatch(access_key) or "moto.sts.models" not in sys.modules:
        return ""
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    sts = sts_backends[place.account][place.partition]
    if role := sts.get_assumed_role_from_access_key(access_key):
        return f"{role.role_arn.rpartition('/')[2]}/{role.session_name}"
    keys = iam_backends[place.account][place.partition].get_all_access_keys_for_all_users()
    found = [str(key.user_name) for key in keys if key.access_key_id == access_key]
    return found[0] if found else ""


def s3(account: str, partition: str = "aws") -> Any:
    from moto.s3.models import s3_backends

    return s3_backends[account][partition]


def ecr(account: str, region: str) -> Any:
    from moto.ecr.models import ecr_backends

    moto_images.keep_untagged()
    return ecr_backends[account][region]


def keep_role(arn: str) -> None:
    """Have the role of a seeded function in IAM, where a dashboard may look for it."""
    from moto.iam.models import iam_backends

    _, partition, _, _, account, path = arn.split(":", 5)
    name = path.rpartition("/")[2]
    backend = iam_backends[account][partition]
    if all(role.name != name for role in backend.roles.values()):
        backend.create_role(name, "{}", "/", None, "", [], None)


def reset() -> None:
    if "moto.core.base_backend" not in sys.modules:
        return
    from moto.core.base_backend import BackendDict
    from moto.core.model_instances import reset_model_data

    BackendDict.reset()
    reset_model_data()


@contextmanager
def opened_object(place: Place, bucket: str, key: str, version: str | None) -> Iterator[BinaryIO]:
    """The content of an S3 object, refused in the words Lambda passes on (facts C7).

    Moto's `value` would copy a large one into memory, and so its buffer is read.
    """
    _check_bucket(place, bucket)
    backend = s3(place.account, place.partition)
    found = backend.get_object(bucket, key, version_id=version)
    if found is None and version:
        raise _s3_error("NoSuchVersion", "The specified version does not exist.")
    if found is None:
        raise _s3_error("NoSuchKey", "The specified key does not exist.")
    with found.lock:
        found._value_buffer.seek(0)
        yield found._value_buffer


def _check_bucket(place: Place, bucket: str) -> None:
    from moto.s3.models import s3_backends

    _, owner = s3_backends.bucket_accounts.get(bucket, (None, None))
    if owner is None:
        raise _s3_error("NoSuchBucket", "The specified bucket does not exist")
    if owner != place.account:
        raise _s3_error("AccessDenied", "Access Denied")  # wording unknown (facts U9)
    region = s3(place.account, place.partition).get_bucket(bucket).region_name
    if region != place.region:
        raise _s3_error(
            "PermanentRedirect",
            f"The bucket is in this region: {region}. Please use this region to retry the request",
        )


def _s3_error(code: str, message: str) -> errors.ApiError:
    return errors.invalid(
        f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {message}"
    )


def resolve_image(place: Place, uri: str) -> tuple[str, str]:
    """The digest an image has now, and the address that pins it (facts C9)."""
    match = IMAGE.fullmatch(uri)
    if match is None or match["region"] != place.region:
        raise errors.invalid(f"Source image {uri} is not valid. Provide a valid source image.")
    if match["account"] != place.account:
        raise errors.access_denied(
            "Lambda does not have permission to access the ECR image. Check the ECR permissions."
        )
    digest = _digest(place, match["repository"], match["tag"], match["digest"])
    if digest is None:
        raise errors.invalid(f"Source image {uri} does not exist. Provide a valid source image.")
    registry = uri.partition("/")[0]
    return digest.removeprefix("sha256:"), f"{registry}/{match['repository']}@{digest}"


def _digest(place: Place, repository: str, tag: str | None, digest: str | None) -> str | None:
    found = ecr(place.account, place.region).repositories.get(repository)
    wanted = tag or ("latest" if digest is None else None)
    for image in found.images if found else ():
        held = str(image.get_image_digest())
        if (digest is None or held == digest) and (wanted is None or wanted in image.image_tags):
            return held
    return None
