"""The three ways to hand code to UpdateFunctionCode (facts C5, C9)."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from releases.aws.errors import Permanent


@dataclass(frozen=True)
class InlineZip:
    """Bytes sent in the request itself: at most 50 MB (facts L1)."""

    file: Callable[[], BinaryIO] = field(repr=False)
    code_sha256: str

    def parameters(self) -> dict[str, Any]:
        """The bytes, hashed in the same read that they are sent from. Raises Permanent."""
        try:
            with self.file() as stream:
                content = stream.read()
        except OSError as error:
            raise Permanent(
                f"The stored package cannot be read: {error.strerror or type(error).__name__}.",
                name="PackageUnreadable",
                operation="UpdateFunctionCode",
            ) from None
        if b64encode(hashlib.sha256(content).digest()).decode() != self.code_sha256:
            raise Permanent(
                "The stored package is damaged: its bytes no longer have the SHA-256 that was "
                "recorded. Nothing was sent.",
                name="PackageDamaged",
                operation="UpdateFunctionCode",
            )
        return {"ZipFile": content}

    def summary(self) -> dict[str, Any]:
        return {"ZipFile": f"bytes with CodeSha256 {self.code_sha256}"}


@dataclass(frozen=True)
class S3Zip:
    """One version of an object in a bucket of the same Region."""

    bucket: str
    key: str
    version_id: str
    code_sha256: str

    def parameters(self) -> dict[str, Any]:
        return {"S3Bucket": self.bucket, "S3Key": self.key, "S3ObjectVersion": self.version_id}

    def summary(self) -> dict[str, Any]:
        return self.parameters()


@dataclass(frozen=True)
class ImageCode:
    """An image by digest; `code_sha256` is the digest's hex part (facts C5)."""

    uri: str
    code_sha256: str

    def parameters(self) -> dict[str, Any]:
        return {"ImageUri": self.uri}

    def summary(self) -> dict[str, Any]:
        return self.parameters()


Code = InlineZip | S3Zip | ImageCode
