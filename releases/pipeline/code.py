"""The bytes of a release on their way to AWS, and the bytes that they replace."""

from __future__ import annotations

from typing import BinaryIO, cast

from releases.actions.fetch_code import fetch, image_artifact
from releases.aws.gateway import Code, Gateway, ImageCode, InlineZip, S3Zip
from releases.aws.types import FunctionState
from releases.models import Artifact, ArtifactKind, Environment, Snapshot
from releases.packages.errors import PackageError
from releases.packages.sizes import Delivery, delivery
from releases.packages.store import artifacts, package_name
from releases.pipeline.context import StepContext


def code_of(artifact: Artifact, environment: Environment, gateway: Gateway) -> Code:
    """The artifact in the form it travels in; a large one is put into the bucket first.

    Raises PackageError (needs-bucket), AwsError.
    """
    if artifact.kind == ArtifactKind.IMAGE:
        return ImageCode(uri=artifact.image_uri, code_sha256=artifact.code_sha256)
    bucket = environment.staging_bucket
    if delivery(artifact.size, has_bucket=bool(bucket)) is Delivery.INLINE:
        return InlineZip(file=lambda: _open(artifact), code_sha256=artifact.code_sha256)
    with _open(artifact) as file:
        version = gateway.put_package(
            bucket, artifact.sha256, file, sha256=artifact.sha256, size=artifact.size
        )
    return S3Zip(
        bucket=bucket,
        key=artifact.sha256,
        version_id=version,
        code_sha256=artifact.code_sha256,
    )


def _open(artifact: Artifact) -> BinaryIO:
    try:
        return cast(BinaryIO, artifacts().open(package_name(artifact.sha256)))
    except OSError as error:
        raise PackageError(
            "package-unreadable",
            f"The package {artifact.sha256} cannot be read from the store ({error.strerror}).",
            "Look at the artifact store, or upload the package again, then retry.",
        ) from error


def preserve(ctx: StepContext, latest: FunctionState) -> None:
    """Keep `$LATEST`'s bytes if no artifact and no version holds them: they are overwritten next.

    Raises AwsError, PackageError.
    """
    known = Artifact.objects.filter(code_sha256=latest.code_sha256).exists()
    if known or ctx.function.versions.filter(code_sha256=latest.code_sha256).exists():
        return
    artifact = fetch(ctx.gateway, latest)
    ctx.note(
        f"unpublished code is being overwritten; $LATEST held {artifact.code_sha256},"
        " which is kept and can be put back"
    )


def code_before(ctx: StepContext, before: Snapshot) -> Code:
    """The code that `$LATEST` held before we staged, from our store or from a version.

    Raises AwsError, PackageError.
    """
    artifact = Artifact.objects.filter(code_sha256=before.code_sha256).first()
    if artifact is None and before.package_type == "Image":
        artifact = image_artifact(before.image_uri, before.code_sha256, before.code_size)
    if artifact is None:
        version = ctx.function.versions.filter(code_sha256=before.code_sha256).first()
        qualifier = str(version.number) if version else ""
        state = ctx.gateway.get_function(ctx.function.name, qualifier)
        artifact = fetch(ctx.gateway, state)
    return code_of(artifact, ctx.function.environment, ctx.gateway)
