"""Every error by its name: the release fails with what AWS said, live stays, and Retry releases."""

from typing import Any

import pytest

from releases.actions.retry import retry
from releases.aws import client as aws_client
from releases.models import Release
from releases.pipeline import engine
from releases.pipeline.engine import go_on
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.pipeline.ways import approved, requested
from tests.world import HERE, World

ERRORS = [
    ("UpdateFunctionCode", 400, "CodeStorageExceededException", "code storage"),
    ("UpdateFunctionCode", 400, "InvalidParameterValueException", "does not accept a value"),
    ("UpdateFunctionCode", 400, "CodeVerificationFailedException", "requires signed code"),
    ("UpdateFunctionCode", 400, "InvalidCodeSignatureException", "Sign the package again"),
    ("UpdateFunctionCode", 404, "CodeSigningConfigNotFoundException", "was deleted"),
    ("UpdateFunctionCode", 413, "RequestEntityTooLargeException", "too large"),
    ("UpdateFunctionCode", 403, "AccessDeniedException", "role's policy"),
    ("UpdateFunctionCode", 403, "ExpiredTokenException", "renew them"),
    ("UpdateFunctionCode", 400, "ValidationException", "names the field"),
    ("PublishVersion", 400, "CodeStorageExceededException", "code storage"),
    ("PublishVersion", 400, "InvalidParameterValueException", "does not accept a value"),
    ("PublishVersion", 403, "AccessDeniedException", "role's policy"),
    ("PublishVersion", 403, "UnrecognizedClientException", "renew them"),
    ("UpdateAlias", 404, "ResourceNotFoundException", "not there"),
    ("UpdateAlias", 403, "AccessDeniedException", "role's policy"),
    ("UpdateAlias", 400, "ValidationException", "names the field"),
]
WRITES = ["UpdateFunctionCode", "PublishVersion", "UpdateAlias"]
READS = [("GetFunction", 0), ("GetAlias", 0), ("GetFunction", 1), ("UpdateFunctionCode", 0)]
READS_LATER = [("GetFunction", 0), ("GetAlias", 0), ("GetFunction", 1), ("GetFunction", 2)]


def refuse(world: World, operation: str, code: str, status: int, **more: Any) -> None:
    fault = Fault(operation, "error", code=code, status=status, message="Said by AWS.", **more)
    world.aws.faults.add(fault)


def assert_failed(world: World, release: Release, code: str) -> None:
    """With AWS's name and words, and nothing half done for callers to see."""
    assert (release.state, release.error_name) == (ReleaseState.FAILED, code)
    assert "Said by AWS." in release.error_message
    assert (world.live(), release.steps.filter(finished_at=None).count()) == ("1", 0)


def assert_retry_releases(world: World, release: Release) -> None:
    retry(release, by=world.people["developer"], origin=HERE)
    if world.advance(release).state == ReleaseState.AWAITING_APPROVAL:
        world.approve(release)
        world.advance(release)
    assert release.state == ReleaseState.RELEASED
    assert (world.live(), world.versions()) == ("2", ["1", "2"])


@pytest.mark.parametrize(("operation", "status", "code", "advice"), ERRORS)
def test_a_refused_write_fails_by_its_name(
    world: World, operation: str, status: int, code: str, advice: str
) -> None:
    """Retry leaves nothing of the error, so that what follows is the same for all of them."""
    release = approved(world)
    refuse(world, operation, code, status)
    assert_failed(world, world.advance(release), code)
    assert advice in release.error_advice
    retry(release, by=world.people["developer"], origin=HERE)
    left = (release.error_name, release.error_message, release.error_advice)
    assert (release.state, left) == (ReleaseState.QUEUED, ("", "", ""))


@pytest.mark.parametrize("operation", WRITES)
def test_retry_releases_what_a_refused_write_left(world: World, operation: str) -> None:
    release = approved(world)
    refuse(world, operation, "AccessDeniedException", 403)
    assert_failed(world, world.advance(release), "AccessDeniedException")
    assert_retry_releases(world, release)


def test_a_retry_keeps_the_approvals(world: World) -> None:
    release = approved(world)
    refuse(world, "PublishVersion", "AccessDeniedException", 403)
    world.advance(release)
    retry(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == ReleaseState.RELEASED
    assert release.round_number == 1


def test_a_worker_may_die_right_behind_the_gate(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recovery leaves a release at its gate to people, who have all decided already."""
    release = approved(world)
    refuse(world, "PublishVersion", "AccessDeniedException", 403)
    world.advance(release)
    retry(release, by=world.people["developer"], origin=HERE)
    monkeypatch.setattr(engine, "go_on", lambda *given: go_on(*given) and False)
    assert world.advance(release).state == ReleaseState.APPROVED


@pytest.mark.parametrize(("operation", "skip"), READS)
def test_a_refused_call_of_the_check_fails_it(world: World, operation: str, skip: int) -> None:
    release = requested(world)
    refuse(world, operation, "AccessDeniedException", 403, skip=skip)
    assert_failed(world, world.advance(release), "AccessDeniedException")
    assert_retry_releases(world, release)


@pytest.mark.parametrize(("operation", "skip"), READS_LATER)
def test_a_refused_read_after_the_gate_fails_it(world: World, operation: str, skip: int) -> None:
    release = approved(world)
    refuse(world, operation, "AccessDeniedException", 403, skip=skip)
    assert_failed(world, world.advance(release), "AccessDeniedException")
    assert_retry_releases(world, release)


def test_missing_credentials_fail_before_anything_is_sent(world: World, settings: Any) -> None:
    release = approved(world)
    endpoint, settings.SLUICE_AWS_ENDPOINT = settings.SLUICE_AWS_ENDPOINT, ""
    aws_client.forget_clients()
    world.advance(release)
    settings.SLUICE_AWS_ENDPOINT = endpoint
    aws_client.forget_clients()
    assert (release.state, release.error_name) == (ReleaseState.FAILED, "NoCredentialsError")
    assert "renew them" in release.error_advice
    assert_retry_releases(world, release)


def test_an_update_that_ends_failed_fails_the_release(world: World) -> None:
    release = approved(world)
    doom = Fault("UpdateFunctionCode", "fail_update", code="InvalidImage", message="Not an image.")
    world.aws.faults.add(doom)
    world.advance(release)
    assert (release.state, release.error_name) == (ReleaseState.FAILED, "InvalidImage")
    assert "Not an image." in release.error_message and world.live() == "1"
