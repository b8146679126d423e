"""Signed packages without AWS Signer: a stand-in signature in the archive itself (facts K3).

AWS Signer writes a signed copy of an S3 object, and Lambda reads the signature from inside the
archive. So here: `sign` adds one entry that names the signing profile, when the signature expires
and a digest over all other entries. There is no cryptography in it, because nothing checks keys.
"""

import hashlib
import io
import json
import uuid
import zipfile
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, BinaryIO

from sandbox.aws import errors
from sandbox.aws.functions import Code, Function
from sandbox.aws.layers import versions_of
from sandbox.aws.packages import Packages
from sandbox.aws.world import Store

ENTRY = "META-INF/AWS_SIGNER_SANDBOX.json"


@dataclass(frozen=True)
class Signature:
    """Who signed the entries of a package, and until when that counts (ISO 8601)."""

    profile_version_arn: str
    job_arn: str
    expires_at: str
    entries: str

    @property
    def has_expired(self) -> bool:
        return bool(self.expires_at) and datetime.fromisoformat(self.expires_at) < datetime.now(UTC)


def sign(content: bytes, profile_version_arn: str, expires_at: datetime | None = None) -> bytes:
    """The package with a signature of that profile version in it."""
    package = io.BytesIO(content)
    with zipfile.ZipFile(package, "a", zipfile.ZIP_DEFLATED) as archive:
        signature = Signature(
            profile_version_arn,
            f"{profile_version_arn.partition(':/')[0]}:/signing-jobs/{uuid.uuid4()}",
            expires_at.isoformat() if expires_at else "",
            _digest(archive),
        )
        archive.writestr(ENTRY, json.dumps(asdict(signature)))
    return package.getvalue()


def read(package: BinaryIO) -> Signature | None:
    """The signature in a package.

    Raises InvalidCodeSignatureException if it is garbled or was made over other entries.
    """
    with zipfile.ZipFile(package) as archive:
        if ENTRY not in archive.namelist():
            return None
        found = _parsed(archive)
        if found is None or found.entries != _digest(archive):
            raise errors.ApiError(
                "InvalidCodeSignatureException", "The code signature failed the integrity check."
            )
    return found


def _parsed(archive: zipfile.ZipFile) -> Signature | None:
    try:
        found = Signature(**json.loads(archive.read(ENTRY)))
        if found.expires_at:
            datetime.fromisoformat(found.expires_at)
    except (TypeError, ValueError, zipfile.BadZipFile):
        return None
    return found


def verified(
    function: Function, code: Code, configured: dict[str, Any], packages: Packages, store: Store
) -> Code:
    """The code as it may be deployed; with its signer, where a configuration asks for one.

    Integrity always blocks; who signed it and until when that counts blocks under Enforce alone.

    Raises InvalidCodeSignatureException, CodeVerificationFailedException.
    """
    signature = _verify(function, code, packages, store)
    verify_layers(function, configured, packages, store)
    if signature is None:
        return code
    return replace(
        code,
        signing_profile_version_arn=signature.profile_version_arn,
        signing_job_arn=signature.job_arn,
    )


def verify_layers(
    function: Function, configured: dict[str, Any], packages: Packages, store: Store
) -> None:
    """Layers must be signed as the code is. Raises as `verified` does."""
    for version in versions_of(store.layers, configured):
        _verify(function, version.code, packages, store)


def _verify(function: Function, code: Code, packages: Packages, store: Store) -> Signature | None:
    config = store.signing_configs.get(function.code_signing_config_arn)
    package = packages.open(code.package) if config else None
    if config is None or package is None:
        return None
    with package:
        signature = read(package)
    policy = config["CodeSigningPolicies"]["UntrustedArtifactOnDeployment"]
    if policy == "Enforce" and not _is_trusted(signature, config, store):
        raise errors.ApiError(
            "CodeVerificationFailedException",
            "Lambda cannot deploy the function. The function or layer might be signed using a "
            "signature that the client is not configured to accept. Check the provided signature "
            f"for {function.name}.",
        )
    return signature


def _is_trusted(signature: Signature | None, config: dict[str, Any], store: Store) -> bool:
    if signature is None or signature.has_expired:
        return False
    allowed = set(config["AllowedPublishers"]["SigningProfileVersionArns"])
    return signature.profile_version_arn in allowed - store.revoked_profiles


def _digest(archive: zipfile.ZipFile) -> str:
    """Of the names and contents of all entries but the signature's."""
    found = hashlib.sha256()
    for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
        if entry.filename != ENTRY:
            found.update(f"{entry.filename}\0{entry.CRC:08x}\0{entry.file_size}\0".encode())
    return found.hexdigest()
