"""What AWS holds, brought into our store as an artifact."""

from __future__ import annotations

from django.db import transaction

from releases.aws.gateway import Gateway
from releases.aws.types import FunctionState
from releases.models import Artifact, ArtifactKind, Function, Version
from releases.packages.errors import PackageError
from releases.packages.intake import hex_of, receive
from releases.packages.sizes import UNZIPPED_LIMIT
from releases.packages.store import artifacts, package_name


def kept(code_sha256: str) -> Artifact | None:
    """What our store holds of this code, or the image that it is; None if AWS has to be asked."""
    known = Artifact.objects.filter(code_sha256=code_sha256).first()
    if known and (known.image_uri or artifacts().exists(package_name(known.sha256))):
        return known
    return None


def fetch(gateway: Gateway, state: FunctionState) -> Artifact:
    """What AWS holds as `state`, brought into the store as an artifact.

    Raises AwsError, PackageError; the bytes must hash to the CodeSha256 that AWS reported.
    """
    if state.package_type == "Image":
        return image_artifact(state.image_uri, state.code_sha256, state.code_size)
    store = artifacts()
    chunks = gateway.download_code(state, limit=UNZIPPED_LIMIT)
    received = receive(chunks, directory=store.incoming_directory(), limit=UNZIPPED_LIMIT)
    try:
        if received.sha256 != hex_of(state.code_sha256):
            raise PackageError(
                "other-bytes",
                f"AWS sent other bytes than the {state.code_sha256} it had named.",
                "Retry. If it repeats, look at the function in AWS.",
            )
        store.put(received)
    finally:
        received.path.unlink(missing_ok=True)
    with transaction.atomic():
        artifact, _ = Artifact.objects.get_or_create(
            kind=ArtifactKind.ZIP,
            sha256=received.sha256,
            defaults={"code_sha256": state.code_sha256, "size": received.size},
        )
    return artifact


def image_artifact(uri: str, digest: str, size: int) -> Artifact:
    artifact, _ = Artifact.objects.get_or_create(
        kind=ArtifactKind.IMAGE,
        sha256=digest,
        defaults={"code_sha256": digest, "size": size, "image_uri": uri},
    )
    return artifact


def code_of_version(gateway: Gateway, function: Function, version: Version) -> Artifact:
    """The very bytes that a version had when it was read, from our store or from AWS.

    Raises AwsError, PackageError: a function that was made again has other versions.
    """
    if known := kept(version.code_sha256):
        return known
    found = fetch(gateway, gateway.get_function(function.name, str(version.number)))
    if found.code_sha256 != version.code_sha256:
        raise PackageError(
            "other-version",
            f"AWS holds other code as v{version.number} of {function.name} than Sluice knows.",
            "Read the function from AWS again: it may have been deleted and made again.",
        )
    return found
