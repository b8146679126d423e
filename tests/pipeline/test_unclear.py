"""Writes whose outcome nobody heard: looked at first, repeated if need be, done exactly once."""

from typing import Any

import pytest

from releases.actions.refresh_function import refresh_function
from releases.actions.reject import reject
from releases.actions.retry import retry
from releases.models import AuditEvent, CallStatus, Release
from releases.pipeline import settle
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.pipeline.ways import approved, at_the_gate, sha_of
from tests.world import HERE, World, package

WRITES = ["UpdateFunctionCode", "PublishVersion", "UpdateAlias"]
each_write = pytest.mark.parametrize("operation", WRITES)
APPLIED = pytest.mark.parametrize("applied", [False, True], ids=["before", "after"])
LOST = pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"action": "drop"}, id="dropped"),
        pytest.param({"action": "error", "status": 500}, id="500"),
        pytest.param({"action": "error", "status": 503}, id="503"),
    ],
)
ALWAYS = 1000


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "PAUSES", (0.0, 0.0, 0.0))


def adopted(release: Release) -> list[str]:
    rows = release.aws_calls.filter(status=CallStatus.ADOPTED)
    return list(rows.values_list("operation", flat=True))


def touch(world: World) -> None:
    """What moves the RevisionId and nothing else, and makes the next publish a new version."""
    memory = world.latest()["MemorySize"]
    world.client.update_function_configuration(FunctionName=world.name, MemorySize=memory)
    world.latest()


@APPLIED
@each_write
def test_a_lost_answer_is_looked_up(world: World, operation: str, applied: bool) -> None:
    release = approved(world)
    world.aws.faults.add(Fault(operation, "drop", after=applied))
    assert world.advance(release).state == ReleaseState.RELEASED
    assert (world.live(), world.versions()) == ("2", ["1", "2"])
    assert adopted(release) == ([operation] if applied else [])
    assert AuditEvent.objects.filter(action="step.adopted").count() == applied


@LOST
@APPLIED
def test_so_is_the_answer_to_every_write_of_a_release(
    world: World, applied: bool, fault: dict[str, Any]
) -> None:
    release = approved(world)
    for operation in WRITES:
        world.aws.faults.add(Fault(operation, after=applied, **fault))
    assert world.advance(release).state == ReleaseState.RELEASED
    assert (world.live(), world.versions()) == ("2", ["1", "2"])
    assert adopted(release) == (WRITES if applied else [])
    assert AuditEvent.objects.filter(action="step.adopted").count() == len(adopted(release))
    assert [each["hits"] for each in world.aws.faults.describe()] == [1] * 3


@LOST
@APPLIED
def test_an_alias_is_created_once(world: World, applied: bool, fault: dict[str, Any]) -> None:
    world.seed(aliases={})
    release = approved(world, creates_alias=True)
    world.aws.faults.add(Fault("CreateAlias", after=applied, **fault))
    assert world.advance(release).state == ReleaseState.RELEASED
    assert (world.live(), world.versions()) == ("2", ["1", "2"])
    assert adopted(release) == (["CreateAlias"] if applied else [])


@LOST
@APPLIED
def test_latest_is_put_back_once(world: World, applied: bool, fault: dict[str, Any]) -> None:
    release = at_the_gate(world, gate=Gate.STAGE_FIRST)
    said = {"fingerprint": release.rounds.get().fingerprint, "reason": "Not today"}
    reject(release, by=world.people["manager"], origin=HERE, **said)
    world.aws.faults.add(Fault("UpdateFunctionCode", after=applied, **fault))
    assert world.advance(release).state == ReleaseState.REJECTED
    assert world.latest()["CodeSha256"] == sha_of("one")
    assert adopted(release) == (["UpdateFunctionCode"] if applied else [])


@each_write
def test_a_revision_that_moved_alone_is_carried_on_with(world: World, operation: str) -> None:
    release = approved(world)
    change: dict[str, Any] = {
        "operation": "UpdateFunctionConfiguration",
        "parameters": {"FunctionName": world.name, "MemorySize": world.latest()["MemorySize"]},
        "settle": True,
    }
    if operation == "UpdateAlias":
        names = {"FunctionName": world.name, "Name": "live", "FunctionVersion": "1"}
        change = {"operation": "UpdateAlias", "parameters": names}
    world.aws.faults.add(Fault(operation, "change", call=change))
    assert world.advance(release).state == ReleaseState.RELEASED
    refused = release.aws_calls.filter(error_name="PreconditionFailedException")
    assert (refused.count(), world.versions()) == (1, ["1", "2"])


def test_a_412_without_end_is_a_conflict(world: World) -> None:
    release = approved(world)
    code = "PreconditionFailedException"
    fault = Fault("PublishVersion", "error", times=ALWAYS, status=412, code=code)
    world.aws.faults.add(fault)
    assert world.advance(release).state == ReleaseState.CONFLICT
    assert (world.live(), world.versions()) == ("1", ["1"])


@pytest.mark.parametrize("answered", [True, False])
def test_a_version_whose_number_was_not_kept_is_found_again(world: World, answered: bool) -> None:
    """The worker broke off after the publish, and a harmless change would make AWS do another."""
    release = approved(world)
    world.aws.timing.publish = 60.0
    world.aws.faults.add(Fault("GetFunction", "error", skip=3, status=403, code="AccessDenied"))
    if not answered:
        world.aws.faults.add(Fault("PublishVersion", "drop", after=True))
    assert world.advance(release).state == ReleaseState.FAILED
    world.aws.timing.publish = 0.0
    world.aws.settle(world.name, region="eu-west-1")
    touch(world)
    refresh_function(world.function, by=world.people["admin"], origin=HERE)
    retry(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == ReleaseState.RELEASED
    assert (world.live(), world.versions()) == ("2", ["1", "2"])


def test_an_architecture_is_taken_back_with_its_release(world: World) -> None:
    world.add(gate=Gate.STAGE_FIRST)
    world.client.update_function_code(FunctionName=world.name, ZipFile=package("two"))
    release = world.advance(world.request(package("two"), architecture="arm64"))
    assert world.latest()["Architectures"] == ["arm64"]
    said = {"fingerprint": release.rounds.get().fingerprint, "reason": "Not today"}
    reject(release, by=world.people["manager"], origin=HERE, **said)
    assert world.advance(release).state == ReleaseState.REJECTED
    assert world.latest()["Architectures"] == ["x86_64"]
