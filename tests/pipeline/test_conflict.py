"""A change in AWS between approval and publish: no version, a conflict, three ways on."""

import pytest

from releases import policy
from releases.actions.adopt import adopt
from releases.actions.cancel import cancel
from releases.actions.stage_again import stage_again
from releases.models import AuditEvent, CodeComparison, Release
from releases.pipeline.compare_code import compare_code
from releases.states import Gate, ReleaseState
from tests.kept import kept
from tests.pipeline.ways import approved
from tests.world import HERE, World, package

GATES = pytest.mark.parametrize("gate", list(Gate))


@kept
def approved_then_changed(world: World, gate: Gate, **change: object) -> Release:
    release = approved(world, gate=gate)
    if change:
        world.client.update_function_configuration(FunctionName=world.name, **change)
    else:
        world.client.update_function_code(FunctionName=world.name, ZipFile=package("theirs"))
    return world.advance(release)


@GATES
def test_code_that_changed_makes_no_version(world: World, gate: Gate) -> None:
    release = approved_then_changed(world, gate)
    assert release.state == ReleaseState.CONFLICT
    assert (world.live(), world.versions()) == ("1", ["1"])
    assert "code of $LATEST" in release.error_message


@GATES
def test_the_files_of_a_conflict_are_compared_at_once(world: World, gate: Gate) -> None:
    release = approved_then_changed(world, gate)
    assert release.artifact
    theirs, live = world.latest()["CodeSha256"], release.function.versions.get(number=1)
    pairs = CodeComparison.objects.filter(new_sha256=theirs)
    wanted = {release.artifact.code_sha256, live.code_sha256}
    assert set(pairs.values_list("old_sha256", flat=True)) == wanted
    for row in pairs:
        compare_code(row.pk)
        row.refresh_from_db()
        assert row.summary == "1 file changed"


@GATES
def test_configuration_that_changed_is_named(world: World, gate: Gate) -> None:
    release = approved_then_changed(world, gate, MemorySize=512)
    assert release.state == ReleaseState.CONFLICT
    assert "MemorySize changed from 128 to 512" in release.error_message


@GATES
def test_an_environment_value_that_changed_is_named_by_its_key(world: World, gate: Gate) -> None:
    release = approved_then_changed(
        world, gate, Environment={"Variables": {"TOKEN": "planted-other"}}
    )
    assert "the value of environment key TOKEN changed" in release.error_message
    assert "planted" not in release.error_message


@GATES
def test_live_that_moved_is_a_conflict(world: World, gate: Gate) -> None:
    release = approved(world, gate=gate, two_versions=True)
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="2")
    world.advance(release)
    assert release.state == ReleaseState.CONFLICT
    assert "the alias live moved from version 1 to version 2" in release.error_message


@GATES
def test_a_revision_id_alone_bothers_nobody(world: World, gate: Gate) -> None:
    release = approved(world, gate=gate)
    memory = world.latest()["MemorySize"]
    world.client.update_function_configuration(FunctionName=world.name, MemorySize=memory)
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="1")
    assert world.advance(release).state == ReleaseState.RELEASED


@GATES
def test_stage_mine_again_overwrites_after_a_new_review(world: World, gate: Gate) -> None:
    release = approved_then_changed(world, gate)
    stage_again(release, by=world.people["developer"], origin=HERE)
    world.advance(release)
    assert (release.state, release.round_number) == (ReleaseState.AWAITING_APPROVAL, 2)
    world.approve(release)
    assert world.advance(release).state == ReleaseState.RELEASED
    assert release.artifact and world.latest()["CodeSha256"] == release.artifact.code_sha256


@GATES
def test_adopting_reviews_what_is_there_with_one_approval_more(world: World, gate: Gate) -> None:
    release = approved_then_changed(world, gate)
    theirs = world.latest()["CodeSha256"]
    adopt(release, by=world.people["developer"], origin=HERE)
    world.advance(release)
    world.approve(release)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED
    version = world.client.get_function_configuration(FunctionName=world.name, Qualifier="2")
    assert version["CodeSha256"] == theirs


@GATES
def test_cancelling_leaves_what_is_there(world: World, gate: Gate) -> None:
    release = approved_then_changed(world, gate)
    theirs = world.latest()["CodeSha256"]
    cancel(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == ReleaseState.CANCELLED
    assert (world.latest()["CodeSha256"], world.live()) == (theirs, "1")


def test_whoever_staged_again_may_not_approve(world: World) -> None:
    release = approved_then_changed(world, Gate.REVIEW_FIRST)
    stage_again(release, by=world.people["manager"], origin=HERE)
    world.advance(release)
    decision = policy.can_approve(world.people["manager"], release)
    assert not decision and "staged it again" in decision.reason


def test_the_lapsed_approvals_are_named(world: World) -> None:
    approved_then_changed(world, Gate.REVIEW_FIRST)
    lapsed = AuditEvent.objects.get(action="release.approvals_lapsed")
    assert lapsed.data["people"] == ["manager"]


def test_the_next_release_waits_until_the_conflict_is_resolved(world: World) -> None:
    release = approved_then_changed(world, Gate.REVIEW_FIRST)
    following = world.advance(world.request(package("three")))
    assert following.state == ReleaseState.QUEUED
    cancel(release, by=world.people["developer"], origin=HERE)
    world.advance(release)
    assert world.advance(following).state == ReleaseState.AWAITING_APPROVAL
