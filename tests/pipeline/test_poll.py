"""The poll: what moved in AWS or in Sluice shows at once, and what did not bothers nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases import broker
from releases.actions.approve import approve
from releases.actions.cancel import cancel
from releases.actions.refresh_function import refresh_function
from releases.models import AuditEvent, AwsCall, Function, Release
from releases.pipeline.lock import function_lock
from releases.pipeline.poll import poll
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.factories import own
from tests.world import HERE, World, package

GATES = pytest.mark.parametrize("gate", list(Gate))


def at_the_gate(world: World, gate: Gate = Gate.REVIEW_FIRST, approvals: int = 2) -> Release:
    """A release with one approval of two."""
    world.add(gate=gate, approvals=approvals)
    release = world.advance(world.request(package("two")))
    world.approve(release)
    return release


def look(world: World, release: Release | None = None) -> None:
    poll(world.function.pk)
    world.function.refresh_from_db()
    if release:
        release.refresh_from_db()


def said(action: str) -> list[str]:
    found = AuditEvent.objects.filter(action=action).order_by("pk")
    return list(found.values_list("sentence", flat=True))


def change_code(world: World) -> None:
    world.client.update_function_code(FunctionName=world.name, ZipFile=package("theirs"))


def change_memory(world: World) -> None:
    world.client.update_function_configuration(FunctionName=world.name, MemorySize=512)


def change_value(world: World) -> None:
    variables = {"Variables": {"TOKEN": "planted-other"}}
    world.client.update_function_configuration(FunctionName=world.name, Environment=variables)


def move_live(world: World) -> None:
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="2")


def move_weights(world: World) -> None:
    weights = {"AdditionalVersionWeights": {"2": 0.25}}
    world.client.update_alias(FunctionName=world.name, Name="live", RoutingConfig=weights)


CHANGES = [
    pytest.param(change_code, "the code of $LATEST is now", id="one byte"),
    pytest.param(change_memory, "MemorySize changed from 128 to 512", id="one setting"),
    pytest.param(change_value, "the value of environment key TOKEN changed", id="one value"),
    pytest.param(move_live, "the alias live moved from version 1 to version 2", id="live"),
    pytest.param(move_weights, "version 1 with weights {'2': 0.25}", id="weights"),
]


@pytest.fixture
def two_versions(world: World) -> Iterator[World]:
    world.client.update_function_configuration(FunctionName=world.name, Description="x")
    world.client.publish_version(FunctionName=world.name)
    yield world


# --- a release is in flight ------------------------------------------------
@GATES
@pytest.mark.parametrize(("change", "names"), CHANGES)
def test_a_change_in_aws_is_a_conflict_at_the_next_poll(
    two_versions: World, gate: Gate, change: Any, names: str
) -> None:
    world = two_versions
    release = at_the_gate(world, gate)
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
    world.add()
    later = timezone.now() + timedelta(days=1)
    release = world.advance(world.request(package("two"), not_before=later))
    world.approve(release)
    world.advance(release)
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
    world.add()
    later = timezone.now() + timedelta(days=1)
    release = world.advance(world.request(package("two"), not_before=later))
    world.approve(release)
    world.advance(release)
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


UNREADABLE = [
    pytest.param({"status": 429, "code": "TooManyRequestsException"}, id="throttled"),
    pytest.param({"status": 403, "code": "AccessDeniedException"}, id="denied"),
    pytest.param({"status": 503, "code": "ServiceException"}, id="away"),
]


@pytest.mark.parametrize("fault", UNREADABLE)
def test_what_cannot_be_read_is_said_once_and_changes_nothing(
    world: World, fault: dict[str, Any]
) -> None:
    release = at_the_gate(world)
    kept = world.aws.faults.add(Fault("GetFunction", "error", times=1000, message="no", **fault))
    for _ in range(3):
        look(world, release)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    [sentence] = said("function.unreadable")
    assert sentence.startswith("checkout cannot be read from AWS: ")
    world.aws.faults.remove(kept)
    for _ in range(2):
        look(world, release)
    assert said("function.readable") == ["checkout can be read from AWS again"]


def test_aws_out_of_reach_changes_nothing(world: World, settings: Any) -> None:
    release = at_the_gate(world)
    settings.SLUICE_AWS_ENDPOINT = "http://127.0.0.1:9"
    for _ in range(2):
        look(world, release)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    assert len(said("function.unreadable")) == 1


def test_an_update_under_way_is_judged_when_it_is_done(world: World) -> None:
    release = at_the_gate(world)
    world.aws.timing.in_progress = 60.0
    change_memory(world)
    look(world, release)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    world.aws.settle(world.name, region="eu-west-1")
    look(world, release)
    assert release.state == ReleaseState.CONFLICT


def test_while_a_worker_is_at_it_nothing_is_asked(world: World) -> None:
    release = at_the_gate(world)
    change_code(world)
    calls = len(world.aws.calls.find())
    with function_lock(world.function.pk):
        look(world, release)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    assert len(world.aws.calls.find()) == calls


@pytest.mark.parametrize("state", ["staging", "publishing", "withdrawing", "approved"])
def test_during_a_step_nothing_is_asked(world: World, state: str) -> None:
    release = at_the_gate(world)
    change_code(world)
    for step in ("approved", "staging", "publishing") if state != "withdrawing" else (state,):
        Release.objects.update(state=step)
        if step == state:
            break
    calls = len(world.aws.calls.find())
    look(world, release)
    assert release.state == state and len(world.aws.calls.find()) == calls


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


# --- no release is in flight -----------------------------------------------
@pytest.mark.parametrize(("change", "names"), CHANGES)
def test_drift_is_in_the_history_once_and_on_the_page(
    two_versions: World, change: Any, names: str
) -> None:
    world = two_versions
    world.add()
    look(world)
    assert said("function.drifted") == []
    change(world)
    for _ in range(3):
        look(world)
    [sentence] = said("function.drifted")
    words = {"the alias live moved from version 1 to version 2": "moved from v1 to v2"}
    assert words.get(names, names.split(" with weights")[0].replace("version ", "v")) in sentence
    assert "planted" not in sentence
    function, latest = world.function, world.latest()
    assert function.latest_revision_id == latest["RevisionId"]
    assert function.live_weights == ({"2": 0.25} if change is move_weights else {})


def test_a_version_published_elsewhere_appears(world: World) -> None:
    world.add()
    change_memory(world)
    world.client.publish_version(FunctionName=world.name)
    look(world)
    assert list(world.function.versions.values_list("number", flat=True)) == [2, 1]


@GATES
def test_what_sluice_did_itself_is_no_drift(world: World, gate: Gate) -> None:
    world.add(gate=gate)
    release = world.advance(world.request(package("two")))
    world.approve(release)
    assert world.advance(release).state == ReleaseState.RELEASED
    look(world)
    again = world.advance(world.request(package("three")))
    cancel(again, by=world.people["developer"], origin=HERE)
    assert world.advance(again).state == ReleaseState.CANCELLED
    look(world)
    assert said("function.drifted") == []


def test_what_a_person_read_first_is_in_the_history_too(world: World) -> None:
    world.add()
    change_memory(world)
    refresh_function(world.function, by=world.people["manager"], origin=HERE)
    look(world)
    [sentence] = said("function.drifted")
    assert "MemorySize changed from 128 to 512" in sentence


def test_a_deleted_function_is_said_once(world: World) -> None:
    world.add()
    world.client.delete_function(FunctionName=world.name)
    for _ in range(3):
        look(world)
    assert said("function.drifted") == [
        "checkout was changed in AWS and not through Sluice: it is no longer in AWS"
    ]


# --- what it costs, and who hears of it ------------------------------------
def test_a_poll_keeps_no_calls_and_makes_no_writes(world: World) -> None:
    world.add()
    kept = AwsCall.objects.count()
    before = len(world.aws.calls.find())
    look(world)
    made = [each.operation for each in world.aws.calls.find()[before:]]
    assert made == ["GetFunction", "ListAliases"]
    assert AwsCall.objects.count() == kept


def test_open_pages_hear_of_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    class Ear:
        def publish(self, channel: str, message: str) -> None:
            heard.extend(json.loads(message))

    monkeypatch.setattr(broker, "tell", lambda what, act: act(Ear()))
    release = at_the_gate(world)
    heard.clear()
    look(world, release)
    assert heard == []
    change_code(world)
    look(world, release)
    assert {f"release-{release.pk}", f"function-{world.function.pk}", "dashboard"} <= set(heard)


def test_there_is_no_such_function(db: None) -> None:
    poll(987654)
