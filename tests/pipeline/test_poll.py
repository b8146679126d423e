"""The poll of a release at its gate: what moved shows at once, what did not bothers nobody."""

from __future__ import annotations

from typing import Any

import pytest

from releases.actions.approve import approve
from releases.models import Function
from releases.states import Gate, ReleaseState
from tests.factories import own
from tests.pipeline.polling import (
    CHANGES,
    GATES,
    at_the_gate,
    change_code,
    change_memory,
    change_value,
    look,
    said,
)
from tests.pipeline.ways import approved_for_tomorrow
from tests.world import HERE, World


@GATES
@pytest.mark.parametrize(("change", "names"), CHANGES)
def test_a_change_in_aws_is_a_conflict_at_the_next_poll(
    world: World, gate: Gate, change: Any, names: str
) -> None:
    release = at_the_gate(world, gate, two_versions=True)
    look(world, release)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    change(world)
    look(world, release)
    assert release.state == ReleaseState.CONFLICT
    assert names in release.error_message and "planted" not in release.error_message
    [lapsed] = said("release.approvals_lapsed")
    assert "given by manager" in lapsed and names in lapsed
    assert said("release.conflict") == [
        f"{release.reference} of checkout is in conflict: {release.error_message}"
    ]


def test_an_approved_one_that_waits_for_its_time_is_watched_too(world: World) -> None:
    release = approved_for_tomorrow(world)
    look(world, release)
    assert release.state == ReleaseState.APPROVED
    change_value(world)
    look(world, release)
    assert release.state == ReleaseState.CONFLICT


@GATES
def test_one_rule_changed_asks_for_approval_again(world: World, gate: Gate) -> None:
    """As it stands after a change that nobody told the release of."""
    release = at_the_gate(world, gate)
    Function.objects.update(policy_version=2, **own(3))
    look(world, release)
    assert (release.state, release.round_number) == (ReleaseState.AWAITING_APPROVAL, 2)
    round_ = release.current_round
    assert round_ and round_.rules.managers == 3
    assert said("release.approvals_lapsed") == [
        f"Approvals of {release.reference} of checkout lapsed:"
        " the approval policy changed (given by manager)"
    ]


def test_a_role_that_was_lost_sends_the_waiting_one_back(world: World) -> None:
    release = approved_for_tomorrow(world)
    person = world.people["manager"]
    person.role = "viewer"
    person.save()
    look(world, release)
    assert release.state == ReleaseState.AWAITING_APPROVAL


@GATES
def test_a_revision_id_alone_is_said_once_and_bothers_nobody(world: World, gate: Gate) -> None:
    release = at_the_gate(world, gate)
    look(world, release)
    assert said("release.untouched") == []
    memory = world.latest()["MemorySize"]
    world.client.update_function_configuration(FunctionName=world.name, MemorySize=memory)
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="1")
    for _ in range(3):
        look(world, release)
    assert (release.state, release.round_number) == (ReleaseState.AWAITING_APPROVAL, 1)
    begins = f"{release.reference} of checkout goes on: only the RevisionId of "
    assert [each.split(" moved")[0] for each in said("release.untouched")] == [
        f"{begins}$LATEST",
        f"{begins}the alias live",
    ]
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED


def test_a_function_that_was_deleted_is_a_conflict(world: World) -> None:
    release = at_the_gate(world)
    world.client.delete_function(FunctionName=world.name)
    for _ in range(2):
        look(world, release)
    assert (release.state, release.error_message) == (
        ReleaseState.CONFLICT,
        "checkout is no longer in AWS",
    )
    assert len(said("function.drifted")) == 1


def test_an_update_under_way_is_judged_when_it_is_done(world: World) -> None:
    release = at_the_gate(world)
    world.aws.timing.in_progress = 60.0
    change_memory(world)
    look(world, release)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    world.aws.settle(world.name, region="eu-west-1")
    look(world, release)
    assert release.state == ReleaseState.CONFLICT


def test_approved_in_the_meantime_it_is_not_judged_by_an_old_look(world: World) -> None:
    """The last approval and the poll: whoever comes second finds the release moved."""
    release = at_the_gate(world)
    fingerprint = release.rounds.get().fingerprint
    by = world.people["second-manager"]
    approve(release, by=by, origin=HERE, fingerprint=fingerprint)
    change_code(world)
    look(world, release)
    assert release.state == ReleaseState.APPROVED
    assert world.advance(release).state == ReleaseState.CONFLICT
