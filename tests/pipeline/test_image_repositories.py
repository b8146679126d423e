"""The same image in several repositories: each function has it from its own."""

from __future__ import annotations

import pytest

from releases.actions.cancel import cancel
from releases.actions.create_release import create_release
from releases.actions.put_back import put_back
from releases.actions.request_image import request_image
from releases.models import Artifact, Function, Intake, Release
from releases.pipeline import intake
from releases.states import Gate
from sandbox.aws.seed import SeedVersion
from tests.factories import EnvironmentFactory, FunctionFactory
from tests.pipeline.ways import added
from tests.world import ACCOUNT, HERE, REGION, World

ELSEWHERE = "us-east-1"


def repository(name: str, region: str = REGION) -> str:
    return f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{name}"


def brought_in(world: World, function: Function, uri: str) -> Intake:
    by = world.people["developer"]
    taken = request_image(function=function, uri=uri, by=by, origin=HERE)
    intake.read(str(taken.pk))
    taken.refresh_from_db()
    assert taken.state == "accepted", taken.problem
    return taken


def known_elsewhere(world: World, *tags: str) -> None:
    """The images that `checkout` has were brought in first from another Region."""
    environment = EnvironmentFactory.create(name="other", account_id=ACCOUNT, region=ELSEWHERE)
    other = FunctionFactory.create(name="other", environment=environment, package_type="Image")
    for tag in tags:
        world.aws.seed.image("other", tag, region=ELSEWHERE, account=ACCOUNT, content=tag)
        brought_in(world, other, f"{repository('other', ELSEWHERE)}:{tag}")


def requested(world: World, tag: str) -> Release:
    taken = brought_in(world, world.function, f"{repository('checkout')}:{tag}")
    by = world.people["developer"]
    return create_release(function=world.function, intake=taken, by=by, origin=HERE)


def own_images(world: World) -> list[str]:
    return [
        world.aws.seed.image("checkout", tag, region=REGION, content=tag) for tag in ("v1", "v2")
    ]


@pytest.fixture
def world(world: World) -> World:
    """`checkout`, an Image function at v1 of its own repository, which has v2 as well."""
    world.seed(versions=[SeedVersion(code=own_images(world)[0])])
    known_elsewhere(world, "v1", "v2")
    return world


def runs(world: World) -> str:
    code = world.client.get_function(FunctionName="checkout")["Code"]
    return str(code["ResolvedImageUri"]).partition("@")[0]


def test_it_is_released_from_the_repository_that_was_named(world: World) -> None:
    added(world)
    release = world.advance(requested(world, "v2"))
    assert release.state == "awaiting_approval", release.error_message
    world.approve(release)
    assert world.advance(release).state == "released", release.error_message
    assert runs(world) == repository("checkout")
    assert Artifact.objects.filter(kind="image").count() == 2


def test_what_was_there_is_put_back_from_where_it_was(world: World) -> None:
    added(world, gate=Gate.STAGE_FIRST)
    before = world.latest()["CodeSha256"]
    release = world.advance(requested(world, "v2"))
    assert world.latest()["CodeSha256"] != before, release.error_message
    cancel(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == "cancelled", release.error_message
    assert (world.latest()["CodeSha256"], runs(world)) == (before, repository("checkout"))


def test_a_version_from_before_sluice_goes_back_from_where_it_was(world: World) -> None:
    world.aws.reset()
    world.alias = ""
    world.seed(versions=[SeedVersion(code=each) for each in own_images(world)])
    added(world)
    release = put_back(
        world.function, to=1, reason="It fails", seen=world.function.latest_code_sha256,
        by=world.people["manager"], origin=HERE,
    )  # fmt: skip
    world.advance(release)
    sent = release.aws_calls.filter(operation="UpdateFunctionCode")
    uris = {call.request["ImageUri"].partition("@")[0] for call in sent}
    assert (release.error_message, uris) == ("", {repository("checkout")})
