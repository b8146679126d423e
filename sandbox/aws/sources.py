"""Where code comes from: inline zips, S3 objects and images (facts C7, C9)."""

import io
from typing import Any, BinaryIO

from sandbox.aws import errors, moto_backends
from sandbox.aws.functions import Code
from sandbox.aws.limits import ZIPPED
from sandbox.aws.names import Place
from sandbox.aws.packages import Packages

S3 = ("S3Bucket", "S3Key", "S3ObjectVersion")


def read(params: dict[str, Any], package_type: str, place: Place, packages: Packages) -> Code:
    """The code that the parameters mean now; later changes at the source do nothing (C9)."""
    if package_type == "Image":
        return _image(params["ImageUri"], place)
    if params.get("ZipFile") is not None:
        return _inline(params, packages)
    wanted = (params["S3Bucket"], params["S3Key"], params.get("S3ObjectVersion"))
    with moto_backends.opened_object(place, *wanted) as content:
        return _packed(content, params, packages)


def check_package_type(params: dict[str, Any], package_type: str) -> None:
    """Zip stays Zip, Image stays Image, and some source must be given."""
    zipped = params.get("ZipFile") is not None or any(params.get(key) for key in S3)
    image = bool(params.get("ImageUri"))
    if package_type == "Zip" and image:
        raise errors.invalid(
            "Please don't provide ImageUri when updating a function with packageType Zip."
        )
    if package_type == "Image" and not image:
        raise errors.invalid(
            "Please provide ImageUri when updating a function with packageType Image."
        )
    if package_type == "Zip" and not zipped:
        raise errors.invalid("Please provide a source for function code.")
    if params.get("ZipFile") is not None and any(params.get(key) for key in S3):
        raise errors.invalid(
            "Please do not provide other FunctionCode parameters when providing a ZipFile."
        )
    if package_type == "Zip" and params.get("ZipFile") is None:
        _check_s3(params)


def _check_s3(params: dict[str, Any]) -> None:
    if not (params.get("S3Bucket") and params.get("S3Key")):
        raise errors.invalid("Please provide a source for function code.")


def _inline(params: dict[str, Any], packages: Packages) -> Code:
    content: bytes = params["ZipFile"]
    if len(content) > ZIPPED:
        raise errors.too_large(f"Zipped size must be smaller than {ZIPPED} bytes")
    return _packed(io.BytesIO(content), params, packages)


def _packed(content: BinaryIO, params: dict[str, Any], packages: Packages) -> Code:
    package = packages.add(content)
    return Code(
        package.code_sha256,
        package.size,
        package.digest,
        package.unzipped,
        source_kms_key_arn=params.get("SourceKMSKeyArn") or "",
    )


def _image(uri: str, place: Place) -> Code:
    digest, resolved = moto_backends.resolve_image(place, uri)
    return Code(digest, image_uri=uri, resolved_image_uri=resolved)
