"""Container images, from a tag to a digest."""

import pytest

from releases.aws import errors
from releases.aws.gateway import Gateway
from sandbox.aws import AwsSandbox

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


def test_tag_becomes_the_digest_it_means_now(gateway: Gateway, aws: AwsSandbox) -> None:
    pinned = aws.seed.image("team/api", "v7")
    image = gateway.resolve_image(f" {HOST}/team/api:v7 ")
    assert (image.uri, image.tag) == (pinned, "v7")
    assert pinned.endswith(image.digest)


def test_digest_is_checked_to_be_there(gateway: Gateway, aws: AwsSandbox) -> None:
    pinned = aws.seed.image("api")
    assert gateway.resolve_image(pinned).uri == pinned
    with pytest.raises(errors.NotFound):
        gateway.resolve_image(f"{HOST}/api@sha256:{'0' * 64}")


def test_layers_of_an_image_are_told(gateway: Gateway, aws: AwsSandbox) -> None:
    layers = gateway.image_layers(aws.seed.image("api"))
    assert layers and len(layers) == 1
    assert layers[0][0].startswith("sha256:") and layers[0][1] == 1


def test_an_image_that_is_gone_has_no_layers(gateway: Gateway, aws: AwsSandbox) -> None:
    aws.seed.image("api")
    assert gateway.image_layers(f"{HOST}/api@sha256:{'0' * 64}") is None


@pytest.mark.parametrize("uri", [f"{HOST}/api:gone", f"{HOST}/nowhere:v1"])
def test_what_is_not_in_the_registry_is_not_found(
    gateway: Gateway, aws: AwsSandbox, uri: str
) -> None:
    aws.seed.image("api", "v1")
    with pytest.raises(errors.NotFound) as caught:
        gateway.resolve_image(uri)
    assert caught.value.name in ("ImageNotFoundException", "RepositoryNotFoundException")


@pytest.mark.parametrize(
    ("uri", "part"),
    [
        ("docker.io/library/python:3.12", "not the address of an image"),
        ("public.ecr.aws/lambda/python:3.12", "not the address of an image"),
        (f"{HOST}.cn/api:v1", "not the address of an image"),
        (f"{HOST}/API:v1", "not the address of an image"),
        (f"{HOST}/api:v1@sha256:abc", "not the address of an image"),
        (f"{HOST}/api", "neither a tag nor a digest"),
        (f"{HOST.replace('us-east-1', 'eu-west-1')}/api:v1", "is in eu-west-1; Lambda needs it in"),
    ],
)
def test_address_that_lambda_could_not_use_is_refused_before_any_call(
    gateway: Gateway, aws: AwsSandbox, uri: str, part: str
) -> None:
    with pytest.raises(errors.Permanent, match=part) as caught:
        gateway.resolve_image(uri)
    assert caught.value.name == "InvalidImageUri"
    assert aws.calls.find() == []
