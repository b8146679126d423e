"""The two images of a round: their digests, their tags, and their layers where ECR tells them."""

from __future__ import annotations

from typing import Any

from releases.audit.aws_calls import gateway_for
from releases.aws.errors import Permanent
from releases.aws.gateway import Gateway
from releases.diff.images import Image, Layer
from releases.models import Artifact, ArtifactKind, Intake, Round


def images_of(round_: Round, old: str, new: str) -> tuple[Image | None, Image]:
    """What is live, if anything is, and what is under review. Raises AwsError."""
    gateway = gateway_for(round_.release.function.environment)
    seen = [round_.baseline, round_.checked]
    uris = {each.code_sha256: each.image_uri for each in seen if each and each.image_uri}
    known = Artifact.objects.filter(kind=ArtifactKind.IMAGE, sha256__in=[old, new])
    uris |= {each.sha256: each.image_uri for each in known if each.image_uri}
    sides = [_image(digest, uris.get(digest, ""), gateway) for digest in (old, new) if digest]
    return (sides[0] if old else None), sides[-1]


def _image(digest: str, uri: str, gateway: Gateway) -> Image:
    layers = None
    if "@" in uri:
        try:
            layers = gateway.image_layers(uri)
        except Permanent:
            # Without ecr:BatchGetImage the digests still say that it is another image.
            layers = None
    shown = tuple(Layer(*each) for each in layers) if layers else None
    return Image(f"sha256:{digest}", _tag(digest), shown)


def _tag(digest: str) -> str:
    """The tag by which it was last brought in here."""
    intakes = Intake.objects.filter(artifact__kind=ArtifactKind.IMAGE, artifact__sha256=digest)
    label = intakes.values_list("label", flat=True).first() or ""
    return label.rpartition("/")[2].partition("@")[0].partition(":")[2]


def as_json(image: Image | None) -> dict[str, Any] | None:
    if image is None:
        return None
    layers = image.layers and [[layer.digest, layer.size] for layer in image.layers]
    return {"digest": image.digest, "tag": image.tag, "layers": layers}
