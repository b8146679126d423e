"""An approval is for one thing: what moved since asks for another review."""

import pytest

from releases import policy
from releases.actions.adopt import adopt
from releases.actions.cancel import cancel
from releases.actions.change_function import change_function
from releases.actions.change_policy import change_policy
from releases.actions.retry import retry
from releases.errors import InvalidInput
from releases.models import Release
from releases.pipeline import settle
from releases.rules import Rules
from releases.states import Gate, ReleaseState
from sandbox.aws.faults import Fault
from tests.pipeline.ways import added, approved, at_the_gate, requested, sha_of
from tests.world import HERE, World, package

DENIED = {"status": 403, "code": "AccessDeniedException", "message": "not authorized"}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "PAUSES", (0.0, 0.0))


def again(world: World, release: Release) -> Release:
    release.refresh_from_db()
    retry(release, by=world.people["developer"], origin=HERE)
    return world.advance(release)


def failed(world: World, operation: str, **fault: object) -> Release:
    """A release that was approved and failed at `operation`."""
    release = approved(world)
    world.aws.faults.add(Fault(operation, "error", **{**DENIED, **fault}))  # type: ignore[arg-type]
    world.advance(release)
    assert release.state == ReleaseState.FAILED
    return release


def settings(world: World, **more: object) -> None:
    function = world.function
    function.refresh_from_db()
    wanted = {
        "gate": function.gate,
        "live_alias": function.live_alias,
        "creates_alias": function.creates_alias,
    }
    change_function(function, **wanted | more, by=world.people["manager"], origin=HERE)  # type: ignore[arg-type]


def test_a_version_of_a_lapsed_round_is_never_shifted(world: World) -> None:
    release = failed(world, "UpdateAlias")
    world.client.update_function_configuration(FunctionName="checkout", MemorySize=512)
    again(world, release)
    assert (release.round_number, release.version_number) == (2, None)
    world.approve(release)
    world.advance(release)
    live = world.client.get_function_configuration(FunctionName="checkout", Qualifier=world.live())
    assert (release.state, live["MemorySize"]) == (ReleaseState.RELEASED, 512)


def test_a_shift_that_was_done_unheard_is_found_by_retry(world: World) -> None:
    release = approved(world)
    world.aws.faults.add(Fault("UpdateAlias", "drop", after=True))
    world.aws.faults.add(Fault("GetAlias", "error", skip=2, **DENIED))  # type: ignore[arg-type]
    world.advance(release)
    assert (release.state, world.live()) == (ReleaseState.FAILED, "2")
    assert again(world, release).state == ReleaseState.RELEASED


def test_cancelling_takes_nothing_back_from_callers(world: World) -> None:
    release = approved(world)
    world.aws.faults.add(Fault("UpdateAlias", "drop", after=True))
    world.aws.faults.add(Fault("GetAlias", "error", skip=2, **DENIED))  # type: ignore[arg-type]
    world.advance(release)
    cancel(release, by=world.people["developer"], origin=HERE)
    world.advance(release)
    assert release.artifact and world.latest()["CodeSha256"] == release.artifact.code_sha256


def test_cancelling_leaves_the_same_package_that_somebody_else_deployed(world: World) -> None:
    release = failed(world, "UpdateFunctionCode", skip=0)
    world.client.update_function_code(FunctionName="checkout", ZipFile=package("two"))
    cancel(release, by=world.people["developer"], origin=HERE)
    world.advance(release)
    assert release.artifact and world.latest()["CodeSha256"] == release.artifact.code_sha256


def test_without_an_alias_changed_code_asks_for_another_review(world: World) -> None:
    world.alias = ""
    world.seed()
    release = failed(world, "UpdateFunctionCode")
    world.client.update_function_code(FunctionName="checkout", ZipFile=package("theirs"))
    again(world, release)
    assert (release.round_number, release.state) == (2, ReleaseState.AWAITING_APPROVAL)


def test_an_unchanged_world_keeps_the_approvals_over_a_retry(world: World) -> None:
    release = failed(world, "PublishVersion")
    assert again(world, release).state == ReleaseState.RELEASED
    assert release.round_number == 1


def test_a_stricter_policy_counts_for_what_is_on_its_way_to_the_gate(world: World) -> None:
    release = requested(world, gate=Gate.STAGE_FIRST)
    fault = {"status": 429, "code": "TooManyRequestsException", "message": "Rate exceeded"}
    world.aws.faults.add(Fault("UpdateFunctionCode", "error", skip=1, times=3, **fault))  # type: ignore[arg-type]
    world.advance(release)
    assert release.state == ReleaseState.STAGING
    change_policy(world.function, Rules(2), by=world.people["admin"], origin=HERE)
    Release.objects.filter(pk=release.pk).update(due_at=None)
    world.advance(release)
    assert (release.state, release.round_number) == (ReleaseState.AWAITING_APPROVAL, 2)
    world.approve(release)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED


def test_a_queued_release_follows_where_the_gate_is_moved(world: World) -> None:
    release = requested(world, gate=Gate.STAGE_FIRST)
    settings(world, gate=Gate.REVIEW_FIRST)
    world.advance(release)
    assert (release.gate, release.state) == (Gate.REVIEW_FIRST, ReleaseState.AWAITING_APPROVAL)
    assert world.latest()["CodeSha256"] == sha_of("one")


def test_stage_first_is_refused_where_any_alias_points_at_latest(world: World) -> None:
    world.client.create_alias(FunctionName="checkout", Name="beta", FunctionVersion="$LATEST")
    with pytest.raises(InvalidInput, match="the alias beta points at"):
        world.add(gate=Gate.STAGE_FIRST)


def test_an_alias_moved_to_latest_later_fails_the_stage(world: World) -> None:
    release = requested(world, gate=Gate.STAGE_FIRST)
    world.client.create_alias(FunctionName="checkout", Name="beta", FunctionVersion="$LATEST")
    world.advance(release)
    assert (release.state, release.error_name) == (ReleaseState.FAILED, "LatestIsCalled")


def test_whoever_brought_the_adopted_bytes_in_may_not_approve_them(world: World) -> None:
    added(world, gate=Gate.STAGE_FIRST)
    world.bring_in(package("two"), by="manager")
    release = world.advance(world.request(package("two")))
    world.client.update_function_configuration(FunctionName="checkout", MemorySize=512)
    world.approve(release, by="second-manager")
    world.advance(release)
    assert release.state == ReleaseState.CONFLICT
    adopt(release, by=world.people["developer"], origin=HERE)
    world.advance(release)
    assert not policy.can_approve(world.people["manager"], release)


def test_a_conflict_before_any_round_is_a_conflict_and_no_loop(world: World) -> None:
    release = requested(world)
    fault = {"status": 412, "code": "PreconditionFailedException", "message": "not the latest"}
    world.aws.faults.add(Fault("UpdateFunctionCode", "error", times=9, **fault))  # type: ignore[arg-type]
    assert world.advance(release).state == ReleaseState.CONFLICT


def test_a_failed_update_of_before_is_cured_by_a_release(world: World) -> None:
    added(world)
    world.aws.faults.add(Fault("UpdateFunctionCode", "fail_update", code="InvalidImage"))
    world.client.update_function_code(FunctionName="checkout", ZipFile=package("broken"))
    assert world.latest()["LastUpdateStatus"] == "Failed"
    release = world.advance(world.request(package("two")))
    world.approve(release)
    assert world.advance(release).state == ReleaseState.RELEASED


def test_a_withdrawal_waits_for_expired_credentials(world: World) -> None:
    release = at_the_gate(world, gate=Gate.STAGE_FIRST)
    cancel(release, by=world.people["developer"], origin=HERE)
    expired = {"status": 403, "code": "ExpiredTokenException", "message": "expired"}
    world.aws.faults.add(Fault("UpdateFunctionCode", "error", **expired))  # type: ignore[arg-type]
    assert world.advance(release).state == ReleaseState.WITHDRAWING
    Release.objects.filter(pk=release.pk).update(due_at=None)
    assert world.advance(release).state == ReleaseState.CANCELLED
    assert release.artifact and world.latest()["CodeSha256"] != release.artifact.code_sha256


def test_what_the_store_lost_fails_with_a_sentence(world: World) -> None:
    from django.core.files.storage import storages

    from releases.packages.store import package_name

    release = requested(world)
    assert release.artifact
    storages["artifacts"].delete(package_name(release.artifact.sha256))
    world.advance(release)
    assert release.state == ReleaseState.FAILED and release.error_advice


def test_a_step_that_kills_every_worker_ends_as_failed(world: World) -> None:
    from releases.models import Step, StepName, StepOutcome
    from releases.pipeline.context import MOST_INTERRUPTIONS

    release = requested(world)
    for _ in range(MOST_INTERRUPTIONS):
        Step.objects.create(
            release=release, round_number=1, name=StepName.CHECK, outcome=StepOutcome.INTERRUPTED
        )
    assert world.advance(release).error_name == "Interrupted"
    assert again(world, release).state == ReleaseState.AWAITING_APPROVAL


def test_weights_are_told_exactly(world: World) -> None:
    from releases.fingerprint import moves

    base = {"kind": "alias", "version": "1", "weights": {"2": 0.004}}
    parts = {
        "candidate": {"code_sha256": "", "configuration": {}},
        "target_alias": "live",
        "policy_version": 1,
        "rules": {"release_manager": 1, "days": 7},
    }
    before = parts | {"baseline": base}
    after = parts | {"baseline": base | {"weights": {"2": 0.001}}}
    assert moves(before, after) == ["live moved from v1 with 0.4 % to v2 to v1 with 0.1 % to v2"]
