"""A version that came to nothing: Retry publishes the same code as another one."""

from __future__ import annotations

import pytest

from releases.actions.cancel import cancel
from releases.actions.refresh_function import refresh_function
from releases.actions.retry import retry
from releases.models import Release
from releases.pipeline import settle
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.kept import kept
from tests.pipeline.ways import approved, sha_of
from tests.world import HERE, World

EITHER_GATE = pytest.mark.parametrize("gate", list(Gate))
SNAP = {"ApplyOn": "PublishedVersions"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "PAUSES", (0.0, 0.0))


def doomed(world: World) -> None:
    """The next version ends Failed, as one with SnapStart may."""
    world.aws.faults.add(Fault("PublishVersion", "fail_update", code="X", message="Init failed."))


@kept
def failed(world: World, gate: Gate) -> Release:
    world.client.update_function_configuration(FunctionName=world.name, SnapStart=SNAP)
    release = approved(world, gate=gate)
    doomed(world)
    assert world.advance(release).error_name == "VersionFailed"
    assert "the package is sent again" in release.error_advice
    return release


def tried_again(world: World, release: Release) -> Release:
    retry(release, by=world.people["developer"], origin=HERE)
    if world.advance(release).state == ReleaseState.AWAITING_APPROVAL:
        world.approve(release)
        world.advance(release)
    return release


@EITHER_GATE
def test_a_failed_version_is_followed_by_another(world: World, gate: Gate) -> None:
    release = failed(world, gate)
    assert tried_again(world, release).state == ReleaseState.RELEASED
    assert (world.versions(), world.live()) == (["1", "2", "3"], "3")
    assert release.rounds.count() == 1


@EITHER_GATE
def test_as_often_as_it_takes(world: World, gate: Gate) -> None:
    release = failed(world, gate)
    doomed(world)
    assert tried_again(world, release).error_name == "VersionFailed"
    assert tried_again(world, release).state == ReleaseState.RELEASED
    assert world.live() == "4"


def test_what_was_sent_again_unheard_is_sent_once_more(world: World) -> None:
    release = failed(world, Gate.STAGE_FIRST)
    # The check's dry run comes first.
    world.aws.faults.add(Fault("UpdateFunctionCode", "drop", skip=1))
    assert tried_again(world, release).state == ReleaseState.RELEASED
    assert (world.versions(), world.live()) == (["1", "2", "3"], "3")


@EITHER_GATE
def test_what_was_sent_again_is_taken_back_too(world: World, gate: Gate) -> None:
    release = failed(world, gate)
    doomed(world)
    tried_again(world, release)
    cancel(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == ReleaseState.CANCELLED
    assert world.latest()["CodeSha256"] == sha_of("one")


def test_without_a_package_the_advice_is_to_update_the_function(world: World) -> None:
    settings = {"FunctionName": world.name, "SnapStart": SNAP}
    world.client.update_function_configuration(**settings)
    world.add()
    release = world.advance(world.request(None))
    world.approve(release)
    doomed(world)
    assert world.advance(release).error_name == "VersionFailed"
    assert "once something of the function was updated there" in release.error_advice
    world.client.update_function_configuration(**settings)
    assert tried_again(world, release).state == ReleaseState.RELEASED


@EITHER_GATE
@pytest.mark.parametrize("is_listed", [True, False])
def test_a_version_that_was_deleted_is_published_again(
    world: World, gate: Gate, is_listed: bool
) -> None:
    release = approved(world, gate=gate)
    refused = Fault("UpdateAlias", "error", status=403, code="AccessDeniedException")
    world.aws.faults.add(refused)
    assert world.advance(release).state == ReleaseState.FAILED
    if is_listed:
        refresh_function(world.function, by=world.people["admin"], origin=HERE)
    world.client.delete_function(FunctionName=world.name, Qualifier="2")
    assert tried_again(world, release).error_name == "VersionGone"
    assert tried_again(world, release).state == ReleaseState.RELEASED
    assert (world.versions(), world.live()) == (["1", "3"], "3")


def test_one_that_was_deleted_before_its_alias_is_created_as_well(world: World) -> None:
    world.aws.reset()
    world.seed(aliases={})
    release = approved(world, creates_alias=True)
    refused = Fault("CreateAlias", "error", status=403, code="AccessDeniedException")
    world.aws.faults.add(refused)
    assert world.advance(release).state == ReleaseState.FAILED
    world.client.delete_function(FunctionName=world.name, Qualifier="2")
    assert tried_again(world, release).error_name == "VersionGone"
    assert tried_again(world, release).state == ReleaseState.RELEASED
    assert world.live() == "3"
