"""Stage first: `$LATEST` is staged, tried, approved, published; and put back when it is not."""

import pytest

from releases.actions.cancel import cancel
from releases.actions.reject import reject
from releases.errors import InvalidInput
from releases.models import AuditEvent, Release
from releases.states import Gate, ReleaseState
from sandbox.aws.seed import SeedVersion
from tests.pipeline.ways import at_the_gate, requested, sha_of
from tests.world import ACCOUNT, HERE, REGION, World, package


@pytest.fixture
def staged(world: World) -> Release:
    """A release that waits for approval with its package on `$LATEST`."""
    return at_the_gate(world, gate=Gate.STAGE_FIRST)


def turn_down(world: World, release: Release) -> None:
    round_ = release.rounds.get()
    fingerprint = round_.fingerprint
    who = world.people["manager"]
    reject(release, by=who, origin=HERE, fingerprint=fingerprint, reason="Not today")


def test_the_package_is_on_latest_while_live_stays(world: World, staged: Release) -> None:
    assert staged.state == ReleaseState.AWAITING_APPROVAL
    assert staged.artifact and world.latest()["CodeSha256"] == staged.artifact.code_sha256
    assert (world.live(), world.versions()) == ("1", ["1"])


def test_approval_publishes_and_shifts(world: World, staged: Release) -> None:
    world.approve(staged)
    assert world.advance(staged).state == ReleaseState.RELEASED
    assert (world.live(), world.versions()) == ("2", ["1", "2"])


def test_a_rejection_puts_latest_back(world: World, staged: Release) -> None:
    turn_down(world, staged)
    assert world.advance(staged).state == ReleaseState.REJECTED
    version = world.client.get_function_configuration(FunctionName=world.name, Qualifier="1")
    assert world.latest()["CodeSha256"] == version["CodeSha256"]


def test_a_cancelled_release_puts_latest_back(world: World, staged: Release) -> None:
    cancel(staged, by=world.people["developer"], origin=HERE)
    assert world.advance(staged).state == ReleaseState.CANCELLED
    assert staged.artifact and world.latest()["CodeSha256"] != staged.artifact.code_sha256


def test_unpublished_code_is_kept_and_put_back(world: World) -> None:
    unpublished = package("never published")
    world.seed(versions=[SeedVersion(code=package("one"))], code=unpublished, aliases={"live": "1"})
    release = at_the_gate(world, gate=Gate.STAGE_FIRST)
    assert AuditEvent.objects.filter(sentence__contains="unpublished code is being overwritten")
    turn_down(world, release)
    world.advance(release)
    assert world.latest()["CodeSha256"] == sha_of("never published")


def test_pages_say_what_was_put_back(world: World, staged: Release) -> None:
    turn_down(world, staged)
    world.advance(staged)
    world.function.refresh_from_db()
    assert world.function.latest_code_sha256 == world.latest()["CodeSha256"]
    assert world.function.latest_revision_id == world.latest()["RevisionId"]
    assert world.function.live_version == 1


def test_what_somebody_else_put_there_stays(world: World, staged: Release) -> None:
    world.client.update_function_code(FunctionName=world.name, ZipFile=package("theirs"))
    theirs = world.latest()["CodeSha256"]
    turn_down(world, staged)
    assert world.advance(staged).state == ReleaseState.REJECTED
    assert world.latest()["CodeSha256"] == theirs
    assert AuditEvent.objects.filter(action="function.drifted", release_id=staged.pk).exists()


def test_a_changed_configuration_also_counts_as_somebody_elses(
    world: World, staged: Release
) -> None:
    world.client.update_function_configuration(FunctionName=world.name, MemorySize=512)
    turn_down(world, staged)
    world.advance(staged)
    assert staged.artifact and world.latest()["CodeSha256"] == staged.artifact.code_sha256


def test_it_needs_an_alias_that_exists(world: World) -> None:
    with pytest.raises(InvalidInput, match="needs a live alias"):
        world.add(gate=Gate.STAGE_FIRST, live_alias="")


def test_it_is_refused_where_latest_is_called(world: World) -> None:
    world.client.create_event_source_mapping(
        FunctionName=world.name, EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
    )
    with pytest.raises(InvalidInput, match="is called by"):
        world.add(gate=Gate.STAGE_FIRST)


def test_a_caller_that_appears_later_fails_the_stage(world: World) -> None:
    release = requested(world, gate=Gate.STAGE_FIRST)
    world.client.add_permission(
        FunctionName=world.name, StatementId="s", Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
    )  # fmt: skip
    world.advance(release)
    assert (release.state, release.error_name) == (ReleaseState.FAILED, "LatestIsCalled")
