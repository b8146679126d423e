"""Container images: a tag of a private ECR repository, pinned to the digest it means now."""

import json
import re
from collections.abc import Mapping
from typing import Any

from releases.aws.calls import Caller
from releases.aws.client import dns_suffix
from releases.aws.errors import Permanent
from releases.aws.types import Image

_URI = re.compile(
    r"(?P<host>(?P<account>\d{12})\.dkr\.ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.(?P<suffix>[a-z.-]+))"
    r"/(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>[\w][\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)


def resolve_image(caller: Caller, uri: str) -> Image:
    """Ask ECR for the digest. Raises Permanent for an address Lambda could not use (facts C9)."""
    parts = _parts(uri.strip(), caller.target.region)
    wanted = {"imageDigest": parts["digest"]} if parts["digest"] else {"imageTag": parts["tag"]}

    def read(answer: Mapping[str, Any]) -> Image:
        details = answer["imageDetails"][0]
        digest = details["imageDigest"]
        return Image(
            uri=f"{parts['host']}/{parts['repository']}@{digest}",
            digest=digest,
            size=details.get("imageSizeInBytes", 0),
            tag=parts["tag"] or "",
        )

    request = {
        "registryId": parts["account"],
        "repositoryName": parts["repository"],
        "imageIds": [wanted],
    }
    return caller.call("ecr", "DescribeImages", request, read)


def image_layers(caller: Caller, uri: str) -> tuple[tuple[str, int], ...] | None:
    """Digest and size of each layer of a pinned image, from the bottom up.

    None where its manifest does not name them, as that of several platforms at once.
    """
    parts = _parts(uri.strip(), caller.target.region)

    def read(answer: Mapping[str, Any]) -> tuple[tuple[str, int], ...] | None:
        images = answer.get("images") or [{}]
        manifest = json.loads(images[0].get("imageManifest") or "{}")
        layers = manifest.get("layers")
        return layers and tuple((each["digest"], each.get("size", 0)) for each in layers)

    request = {
        "registryId": parts["account"],
        "repositoryName": parts["repository"],
        "imageIds": [{"imageDigest": parts["digest"]}],
    }
    return caller.call("ecr", "BatchGetImage", request, read)


def _parts(uri: str, region: str) -> dict[str, str | None]:
    match = _URI.fullmatch(uri)
    if match is None or match["suffix"] != dns_suffix(region):
        raise _invalid("This is not the address of an image in a private ECR repository.")
    if match["region"] != region:
        raise _invalid(f"The image is in {match['region']}; Lambda needs it in {region}.")
    if not match["tag"] and not match["digest"]:
        raise _invalid("The address has neither a tag nor a digest.")
    return match.groupdict()


def _invalid(message: str) -> Permanent:
    return Permanent(message, name="InvalidImageUri", operation="DescribeImages")
