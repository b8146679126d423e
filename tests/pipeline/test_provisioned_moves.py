"""An alias with provisioned concurrency: AWS moves its traffic by itself, which is no drift."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases.actions import move_alias as moving
from releases.models import Function, Release, RollbackState
from releases.pipeline.polls import ask_for_polls
from releases.states import ReleaseState
from releases.traffic import AWS_MOVES_FOR
from sandbox.aws import Fault
from tests.kept import kept
from tests.pipeline.polling import look, said
from tests.rollbacks import back, released_twice, sentences
from tests.world import ACCOUNT, REGION, World, package

BY_AWS = "AWS is moving the traffic over from v{} by itself (provisioned concurrency)"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "PAUSES", (0.0, 0.0))


def weights_in_aws(world: World) -> dict[str, float]:
    alias = world.client.get_alias(FunctionName=world.name, Name="live")
    found: dict[str, float] = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return found


def give(world: World, share: float) -> None:
    """Somebody gives version 1 a share of the calls, outside Sluice."""
    routing = {"AdditionalVersionWeights": {"1": share}}
    world.client.update_alias(FunctionName=world.name, Name="live", RoutingConfig=routing)


def all_is_over(world: World) -> None:
    """AWS has moved everything over; no RevisionId tells."""
    world.aws.settle(world.name, account=ACCOUNT, region=REGION)
    assert weights_in_aws(world) == {}


def slowly(world: World) -> None:
    """Provisioned concurrency follows to another version in ten minutes."""
    world.aws.timing.provisioned = 600.0


def provisioned(world: World) -> None:
    world.client.put_provisioned_concurrency_config(
        FunctionName=world.name, Qualifier="live", ProvisionedConcurrentExecutions=5
    )


@kept
def released_before(world: World) -> None:
    """At version 2, and all of the traffic with it."""
    provisioned(world)
    released_twice(world)


@kept
def being_shifted(world: World) -> Release:
    provisioned(world)
    slowly(world)
    return released_twice(world)


def shifted(world: World) -> Release:
    """Version 2 is shifted to, and AWS has only begun to move the traffic over."""
    release = being_shifted(world)
    slowly(world)
    assert weights_in_aws(world) == {"1": 1.0}
    return release


def known(world: World) -> Function:
    world.function.refresh_from_db()
    return world.function


def test_what_a_shift_sets_off_is_no_drift_and_is_said(world: World) -> None:
    shifted(world)
    assert sentences(world)[-1].endswith(BY_AWS.format(1))
    look(world)
    assert (known(world).live_weights, known(world).traffic_comes_from) == ({"1": 1}, 1)
    all_is_over(world)
    look(world)
    assert (known(world).live_weights, known(world).traffic_comes_from) == ({}, None)
    assert said("function.drifted") == []


def test_a_rollback_is_confirmed_while_aws_moves_the_traffic(world: World) -> None:
    released_before(world)
    slowly(world)
    done = back(world)
    assert (done.state, world.live()) == (RollbackState.DONE, "1")
    assert sentences(world)[-1].endswith(BY_AWS.format(2))
    look(world)
    assert known(world).traffic_comes_from == 2
    all_is_over(world)
    look(world)
    assert known(world).live_weights == {}
    assert said("function.drifted") == []


@pytest.mark.parametrize("fault", ["error", "drop"])
def test_a_rollback_without_answer_is_confirmed_too(world: World, fault: Any) -> None:
    """The second attempt finds the alias there, with AWS's weights from the first one."""
    released_before(world)
    slowly(world)
    world.aws.faults.add(Fault("UpdateAlias", fault, after=True, status=500))
    assert back(world).state == RollbackState.DONE


def test_a_shift_without_answer_is_found_done(world: World) -> None:
    world.aws.faults.add(Fault("UpdateAlias", "drop", after=True))
    release = shifted(world)
    assert release.state == ReleaseState.RELEASED
    assert sum("already moved" in each for each in sentences(world)) == 1


def test_weights_of_a_person_are_drift_meanwhile(world: World) -> None:
    shifted(world)
    all_is_over(world)
    look(world)
    give(world, 0.25)
    look(world)
    look(world)
    [sentence] = said("function.drifted")
    assert "moved from v2 to v2 with 25 % to v1" in sentence
    assert known(world).drifts.open().exists()


def test_a_share_that_aws_takes_away_bit_by_bit_is_its_own(world: World) -> None:
    shifted(world)
    all_is_over(world)
    give(world, 0.4)
    look(world)
    assert said("function.drifted") == []
    give(world, 0.5)
    look(world)
    assert len(said("function.drifted")) == 1


def test_what_does_not_end_is_drift_once(world: World) -> None:
    shifted(world)
    Function.objects.update(left_at=timezone.now() - AWS_MOVES_FOR - timedelta(seconds=1))
    look(world)
    [sentence] = said("function.drifted")
    assert "moved from v2 to v2 with 100 % to v1" in sentence
    look(world)
    assert len(said("function.drifted")) == 1


def test_a_release_reviewed_meanwhile_is_no_conflict_when_it_is_over(world: World) -> None:
    shifted(world)
    release = world.advance(world.request(package("three")))
    all_is_over(world)
    look(world, release)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    world.approve(release)
    assert world.advance(release).state == ReleaseState.RELEASED


def test_it_is_looked_at_often_until_it_is_over(world: World, hand: list[str]) -> None:
    shifted(world)
    hand.clear()
    ask_for_polls(15.0)
    assert "poll" in hand
    all_is_over(world)
    Function.objects.update(polled_at=None)
    ask_for_polls(15.0)
    hand.clear()
    Function.objects.update(polled_at=None)
    ask_for_polls(15.0)
    assert "poll" not in hand
