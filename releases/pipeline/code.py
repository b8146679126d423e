"""The bytes of a release on their way to AWS, and the bytes that they replace."""

from __future__ import annotations

from typing import BinaryIO, cast

from releases import fingerprint
from releases.actions.fetch_code import fetch, kept
from releases.aws.gateway import Code, Gateway, ImageCode, InlineZip, S3Zip
from releases.aws.types import FunctionState
from releases.models import Artifact, ArtifactKind, Environment, Snapshot
from releases.packages.errors import PackageError
from releases.packages.sizes import Delivery, delivery
from releases.packages.store import artifacts, package_name
from releases.pipeline.context import StepContext
from releases.pipeline.holdings import located
from releases.pipeline.image_sides import uris_of


def code_to_release(ctx: StepContext, artifact: Artifact) -> Code:
    """As `code_of`, an image from where this release has it. Raises PackageError, AwsError."""
    uri = _image_uri(ctx, artifact) if artifact.kind == ArtifactKind.IMAGE else ""
    return code_of(artifact, ctx.function.environment, ctx.gateway, image_uri=uri)


def _image_uri(ctx: StepContext, artifact: Artifact) -> str:
    """Code that ran here before was in no intake of this release: AWS had it from somewhere."""
    digest = artifact.code_sha256
    known = ctx.release.image_uri or uris_of(ctx.function, [digest]).get(digest)
    if known:
        return known
    state = located(digest, ctx.function, ctx.gateway, version="")
    return state.image_uri if state else ""


def code_of(
    artifact: Artifact, environment: Environment, gateway: Gateway, *, image_uri: str = ""
) -> Code:
    """The artifact in the form it travels in; a large one is put into the bucket first.

    An image travels from `image_uri`; without one, from where it was seen first.

    Raises PackageError (needs-bucket), AwsError.
    """
    if artifact.kind == ArtifactKind.IMAGE:
        return ImageCode(uri=image_uri or artifact.image_uri, code_sha256=artifact.code_sha256)
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
    """Keep `$LATEST`'s bytes unless we or the live version hold them: they are overwritten next.

    AWS deletes no version that an alias points at (facts I3). Any other may go unseen, and what
    it held with it, so its code is fetched as well. Raises AwsError, PackageError.
    """
    live = ctx.round.baseline if ctx.release.target_alias else None
    if live and live.code_sha256 == latest.code_sha256:
        return
    if kept(latest.code_sha256):
        return
    artifact = fetch(ctx.gateway, latest)
    published = ctx.function.versions.filter(code_sha256=latest.code_sha256, gone_at=None)
    if not published.exists():
        ctx.note(
            f"unpublished code is being overwritten; $LATEST held {artifact.code_sha256},"
            " which is kept and can be put back"
        )


def code_before(ctx: StepContext, before: Snapshot) -> Code:
    """The code that `$LATEST` held before we staged, from our store or from where AWS has it.

    Raises AwsError, PackageError.
    """
    if before.image_uri:
        return ImageCode(uri=before.image_uri, code_sha256=before.code_sha256)
    artifact = kept(before.code_sha256)
    if artifact is None:
        artifact = _brought_back(ctx, before.code_sha256)
    return code_of(artifact, ctx.function.environment, ctx.gateway)


def _brought_back(ctx: StepContext, code_sha256: str) -> Artifact:
    live = ctx.round.parts["baseline"].get("version") or ""
    state = located(code_sha256, ctx.function, ctx.gateway, version=live)
    if state is None:
        raise PackageError(
            "gone",
            f"AWS holds the code {fingerprint.short(code_sha256)} that was on $LATEST no longer,"
            " and Sluice never had it.",
            "Upload the package that should be on $LATEST, and release it.",
        )
    return fetch(ctx.gateway, state)
