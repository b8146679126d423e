"""UpdateFunctionCode of functions that run images (facts C5, C7, C9)."""

import json
from typing import Any

import pytest

from sandbox.aws import zip_of
from tests.sandbox.cloud import ACCOUNT, REGION, Cloud, refused

REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop"


def update_refused(cloud: Cloud, name: str, **params: Any) -> str:
    return refused(cloud.lambda_.update_function_code, FunctionName=name, **params).message


@pytest.fixture
def image(cloud: Cloud) -> str:
    """The name of a function that runs an image."""
    cloud.sandbox.seed.image("shop", "one")
    params = {"PackageType": "Image", "Runtime": None, "Handler": None}
    return cloud.function(Code={"ImageUri": f"{REPOSITORY}:one"}, **params)


def test_an_image_is_pinned_by_digest(cloud: Cloud, image: str) -> None:
    answer = cloud.lambda_.get_function(FunctionName=image)
    code, configuration = answer["Code"], answer["Configuration"]
    assert code["ImageUri"] == f"{REPOSITORY}:one"
    assert code["ResolvedImageUri"] == f"{REPOSITORY}@sha256:{configuration['CodeSha256']}"
    assert not {"Handler", "Runtime", "RuntimeVersionConfig"} & configuration.keys()


def test_an_image_function_takes_no_zip(cloud: Cloud, image: str) -> None:
    message = "Please provide ImageUri when updating a function with packageType Image."
    assert update_refused(cloud, image, ZipFile=zip_of("b")) == message


def test_an_unknown_image(cloud: Cloud, image: str) -> None:
    uri = f"{REPOSITORY}:nine"
    message = f"Source image {uri} does not exist. Provide a valid source image."
    assert update_refused(cloud, image, ImageUri=uri) == message


def test_an_image_by_digest(cloud: Cloud, image: str) -> None:
    pinned = cloud.sandbox.seed.image("shop", "two")
    answer = cloud.lambda_.update_function_code(FunctionName=image, ImageUri=pinned)
    assert answer["CodeSha256"] == pinned.rpartition(":")[2]


@pytest.mark.parametrize("pushed_by", ["seed", "api"])
def test_an_image_by_digest_outlives_its_tag(cloud: Cloud, image: str, pushed_by: str) -> None:
    old = cloud.sandbox.seed.image("shop", pushed_by, content=f"old by {pushed_by}")
    if pushed_by == "seed":
        cloud.sandbox.seed.image("shop", pushed_by, content="new by seed")
    else:
        layers = [{"digest": "sha256:" + "5" * 64, "size": 1}]
        media = "application/vnd.docker.distribution.manifest.v2+json"
        manifest = {"schemaVersion": 2, "mediaType": media, "layers": layers}
        cloud.client("ecr").put_image(
            repositoryName="shop", imageTag=pushed_by, imageManifest=json.dumps(manifest)
        )
    answer = cloud.lambda_.update_function_code(FunctionName=image, ImageUri=old)
    cloud.settle(image)
    assert answer["CodeSha256"] == old.rpartition(":")[2]
    moved = cloud.lambda_.update_function_code(
        FunctionName=image, ImageUri=f"{REPOSITORY}:{pushed_by}"
    )
    assert moved["CodeSha256"] != answer["CodeSha256"]


def test_an_image_without_a_tag_is_listed_as_such(cloud: Cloud) -> None:
    old = cloud.sandbox.seed.image("untagged", "live", content="old")
    cloud.sandbox.seed.image("untagged", "live", content="new")
    found = cloud.client("ecr").list_images(
        repositoryName="untagged", filter={"tagStatus": "UNTAGGED"}
    )
    assert found["imageIds"] == [{"imageDigest": old.rpartition("@")[2]}]
