"""Promoting a container image: by its digest, and from where its release had it."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from releases.actions.promote import promote
from releases.errors import NotAllowed
from releases.models import Function, Release, Snapshot
from releases.promotion import promotion_to
from tests.actions.promotions import released, staging
from tests.factories import ArtifactFactory, FunctionFactory, IntakeFactory
from tests.world import HERE

pytestmark = pytest.mark.django_db
IMAGE = "123456789012.dkr.ecr.{}.amazonaws.com/checkout@sha256:" + "a" * 64


def image(region: str = "eu-west-1") -> Any:
    return ArtifactFactory.create(
        kind="image", sha256="a" * 64, code_sha256="a" * 64, image_uri=IMAGE.format(region)
    )


def images(region: str = "eu-west-1") -> tuple[Release, Function]:
    """Released in production, from its registry; and the same function in staging's account."""
    here = FunctionFactory.create(name="thumbs", package_type="Image")
    there = FunctionFactory.create(
        name="thumbs", package_type="Image", environment=staging(), live_alias=""
    )
    return released(here, artifact=image(region)), there


def test_an_image_goes_by_its_digest_and_says_whose_registry_it_is(developer: User) -> None:
    source, target = images()
    promotion = promotion_to(source, target)
    assert promotion is not None and promotion.foreign_registry == "123456789012"
    made = promote(source, to=target, by=developer, origin=HERE)
    assert made.artifact is not None and made.artifact.image_uri == IMAGE.format("eu-west-1")


def test_an_image_does_not_leave_its_region(developer: User) -> None:
    source, target = images("us-east-1")
    with pytest.raises(NotAllowed, match="The image is in us-east-1, and Lambda takes images only"):
        promote(source, to=target, by=developer, origin=HERE)


def test_it_goes_from_where_its_release_had_it_and_not_where_it_was_seen_first(
    developer: User,
) -> None:
    source, target = images("us-east-1")
    mine = IMAGE.format("eu-west-1").replace("123456789012", "999999999999")
    source.intake = IntakeFactory.create(
        function=source.function, artifact=source.artifact, source="image", image_uri=mine
    )
    source.save(update_fields=["intake"])
    promotion = promotion_to(source, target)
    assert promotion is not None and promotion.foreign_registry == "999999999999"
    assert promote(source, to=target, by=developer, origin=HERE).image_uri == mine


def test_what_was_released_as_it_stood_goes_from_where_aws_had_it(developer: User) -> None:
    source, target = images("us-east-1")
    mine = IMAGE.format("eu-west-1")
    source.staged = Snapshot.objects.create(
        function=source.function, version="$LATEST", code_sha256="a" * 64, code_size=1,
        package_type="Image", image_uri=mine, configuration={},
    )  # fmt: skip
    source.save(update_fields=["staged"])
    assert promote(source, to=target, by=developer, origin=HERE).image_uri == mine
