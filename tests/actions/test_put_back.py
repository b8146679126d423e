"""Put back: an earlier version's code, for a function whose callers run `$LATEST`."""

from __future__ import annotations

import base64
import hashlib

import pytest

from accounts.models import Role, User
from releases.actions.change_policy import change_policy
from releases.actions.hold import hold
from releases.actions.put_back import put_back
from releases.actions.stage_again import stage_again
from releases.errors import InvalidInput, NotAllowed, StaleRelease
from releases.holds import hold_on
from releases.models import Artifact, AuditEvent, Function, Release
from releases.packages.errors import PackageError
from releases.packages.store import artifacts, package_name
from releases.rules import Rules
from releases.states import ReleaseState
from sandbox.aws.seed import SeedVersion
from tests.rollbacks import released_without_alias
from tests.world import HERE, World, package


def sha(code: bytes) -> str:
    return base64.b64encode(hashlib.sha256(code).digest()).decode()


@pytest.fixture
def world(world: World) -> World:
    """`checkout` without an alias; version 2 went through the gate, and so did version 3."""
    released_without_alias(world)
    return world


def back(world: World, to: int = 2, *, by: str = "manager", reason: str = "It fails") -> Release:
    function = Function.objects.get(pk=world.function.pk)
    seen = function.latest_code_sha256
    return put_back(function, to=to, reason=reason, seen=seen, by=world.people[by], origin=HERE)


def test_its_code_goes_out_without_a_gate_and_the_function_is_on_hold(world: World) -> None:
    release = world.advance(back(world))
    assert (release.state, release.version_number) == (ReleaseState.RELEASED, 4)
    assert world.latest()["CodeSha256"] == sha(package("two"))
    standing = hold_on(world.function)
    assert standing is not None and standing.reason == "rollback to v2: It fails"
    event = AuditEvent.objects.get(action="rollback.put_back")
    said = f"manager rolls checkout back to the code of v2 with {release.reference}: It fails"
    assert (event.sentence, event.data["skips_gate"]) == (said, True)


def test_why_it_was_held_by_hand_is_carried_from_one_to_the_next(world: World) -> None:
    hold(world.function, reason="rollback to v2?", by=world.people["second-manager"], origin=HERE)
    world.advance(back(world))
    back(world, to=3, reason="It was the network")
    standing = hold_on(world.function)
    assert standing is not None and standing.reason == (
        "rollback to v3: It was the network (on hold before by second-manager: rollback to v2?)"
    )


def test_bytes_that_are_not_in_our_store_are_fetched_from_aws(world: World) -> None:
    artifact = Artifact.objects.get(code_sha256=sha(package("two")))
    artifacts().storage.delete(package_name(artifact.sha256))
    assert world.advance(back(world)).state == ReleaseState.RELEASED
    assert world.latest()["CodeSha256"] == sha(package("two"))


def test_what_is_in_flight_makes_way(world: World) -> None:
    flying = world.advance(world.request(package("four")))
    waiting = world.request(package("five"))
    release = back(world)
    world.advance(flying)
    assert flying.state == ReleaseState.CANCELLED
    assert flying.ends_because == "made way for rolling back to v2"
    assert world.advance(release).state == ReleaseState.RELEASED
    waiting.refresh_from_db()
    assert waiting.state == ReleaseState.QUEUED


def test_what_is_being_written_at_this_moment_is_left_to_end(world: World) -> None:
    flying = world.advance(world.request(package("four")))
    for state in (ReleaseState.APPROVED, ReleaseState.STAGING):
        Release.objects.filter(pk=flying.pk).update(state=state)
    with pytest.raises(StaleRelease, match="while it is staging"):
        back(world)
    assert hold_on(world.function) is None


def test_a_policy_that_asks_for_two_sends_it_through_the_gate(world: World) -> None:
    two = Rules(rollback=2)
    change_policy(world.function.environment, two, by=world.people["admin"], origin=HERE)
    release = world.advance(back(world))
    assert release.state == ReleaseState.AWAITING_APPROVAL
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED


def test_a_policy_that_becomes_stricter_meanwhile_asks_for_approval(world: World) -> None:
    release = back(world)
    two = Rules(rollback=2)
    change_policy(world.function.environment, two, by=world.people["admin"], origin=HERE)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL


def test_staged_again_on_top_of_a_change_it_is_reviewed(world: World) -> None:
    release = back(world)
    Release.objects.filter(pk=release.pk).update(state=ReleaseState.CONFLICT)
    release.refresh_from_db()
    stage_again(release, by=world.people["manager"], origin=HERE)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL


def test_a_version_that_was_never_approved_is_reviewed(world: World) -> None:
    world.client.update_function_code(FunctionName=world.name, ZipFile=package("theirs"))
    world.client.publish_version(FunctionName=world.name)
    world.client.update_function_code(FunctionName=world.name, ZipFile=package("more"))
    from releases.actions.refresh_function import refresh_function

    refresh_function(world.function, by=world.people["manager"], origin=HERE)
    assert world.advance(back(world, to=4)).state == ReleaseState.AWAITING_APPROVAL


def test_what_callers_ran_when_it_was_added_needs_no_gate(world: World) -> None:
    assert world.advance(back(world, to=1)).state == ReleaseState.RELEASED
    assert world.latest()["CodeSha256"] == sha(package("one"))


def test_a_second_rollback_to_the_same_version_does_nothing(world: World) -> None:
    first = back(world)
    with pytest.raises(StaleRelease, match=f"manager rolls back to v2 already, with {first}"):
        back(world, by="second-manager")
    assert Release.objects.filter(rolls_back_to=2).count() == 1


def test_one_that_waits_makes_way_for_a_rollback_to_another_version(world: World) -> None:
    first = back(world)
    second = back(world, to=1, by="second-manager")
    first.refresh_from_db()
    assert first.state == ReleaseState.CANCELLED
    assert world.advance(second).state == ReleaseState.RELEASED


def test_a_stale_click_does_nothing(world: World) -> None:
    with pytest.raises(StaleRelease, match="runs other code than this page showed"):
        put_back(world.function, to=2, reason="x", seen="other", by=world.people["manager"],
                 origin=HERE)  # fmt: skip
    assert hold_on(world.function) is None


@pytest.mark.parametrize(
    ("to", "by", "because"),
    [
        (3, "manager", "holds the code of v3 already"),
        (9, "manager", "There is no such version"),
        (2, "developer", "Only release managers roll back"),
    ],
)
def test_what_cannot_be_put_back(world: World, to: int, by: str, because: str) -> None:
    with pytest.raises(NotAllowed, match=because):
        back(world, to=to, by=by)
    assert AuditEvent.objects.filter(action="rollback.refused", actor_name=by).exists()


def test_with_an_alias_that_is_moved_instead(world: World) -> None:
    Function.objects.filter(pk=world.function.pk).update(live_alias="live")
    with pytest.raises(NotAllowed, match="has a live alias"):
        back(world)


def test_a_reason_is_required(world: World) -> None:
    with pytest.raises(InvalidInput, match="Say why"):
        back(world, reason=" ")


def test_the_bytes_have_to_be_those_of_the_version_that_is_known(world: World) -> None:
    """Made again in AWS since it was read: its v2 is other code."""
    artifact = Artifact.objects.get(code_sha256=sha(package("two")))
    artifacts().storage.delete(package_name(artifact.sha256))
    others = [SeedVersion(code=package(text)) for text in ("other one", "other two")]
    world.aws.reset()
    world.seed(versions=others, aliases={})
    with pytest.raises(PackageError, match="AWS holds other code as v2"):
        back(world)
    assert hold_on(world.function) is None


def test_whoever_lost_the_role_sends_nothing_past_the_gate(world: World) -> None:
    release = back(world)
    User.objects.filter(username="manager").update(role=Role.DEVELOPER)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL


def test_it_heads_the_queue_and_says_so(world: World) -> None:
    world.advance(world.request(package("four")))
    waiting = world.request(package("five"))
    assert back(world).turn < waiting.turn
