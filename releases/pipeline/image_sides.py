"""Two images of a function: their digests, their tags, and their layers where ECR tells them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from releases.aws.errors import Permanent
from releases.aws.gateway import Gateway
from releases.diff.images import Image, Layer
from releases.models import Artifact, ArtifactKind, Function, Intake, Snapshot
from releases.pipeline.holdings import located


def images_of(
    old: str, new: str, function: Function, gateway: Gateway, *, version: str
) -> tuple[Image | None, Image]:
    """The old one, if there is one, and the new one. Raises AwsError.

    `version` is where the old one was last seen.
    """
    wanted = [digest for digest in (old, new) if digest]
    known = Artifact.objects.filter(kind=ArtifactKind.IMAGE, sha256__in=wanted)
    uris = {each.sha256: each.image_uri for each in known if each.image_uri}
    uris |= uris_of(function, wanted)
    for digest in set(wanted) - uris.keys():
        if state := located(digest, function, gateway, version=version):
            uris[digest] = state.image_uri
    sides = [_image(digest, uris.get(digest, ""), gateway) for digest in wanted]
    return (sides[0] if old else None), sides[-1]


def uris_of(function: Function, digests: Iterable[str]) -> dict[str, str]:
    """By digest, where this function has an image from: as AWS said last, else as it was brought
    in. Others may have the same image from repositories that this one cannot reach."""
    taken = Intake.objects.filter(function=function, sha256__in=digests).exclude(image_uri="")
    seen = Snapshot.objects.filter(function=function, code_sha256__in=digests).exclude(image_uri="")
    uris = dict(taken.order_by("created_at").values_list("sha256", "image_uri"))
    return uris | dict(seen.order_by("taken_at").values_list("code_sha256", "image_uri"))


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
