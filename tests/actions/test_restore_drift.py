"""Restoring: `$LATEST` is what was released again, once, and no environment value is kept."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import connection

from releases.actions import restore_drift as restoring
from releases.actions.restore_drift import restore_drift
from releases.aws.errors import AwsError
from releases.errors import NotAllowed, StaleDrift
from releases.models import Artifact, AwsCall, Drift, Release
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.actions.drifts import (
    VALUES,
    change_code,
    change_environment,
    change_memory,
    drifted,
    found,
    look,
    said,
    seeded,
    through_the_gate,
)
from tests.world import HERE, World, package

UPDATE = "UpdateFunctionConfiguration"


def restore(world: World, drift: Drift, *, by: str = "manager", seen: int = 0) -> Release | None:
    return restore_drift(drift, by=world.people[by], origin=HERE, seen=seen or drift.revision)


def updates(world: World) -> int:
    return len([each for each in world.aws.calls.find() if each.operation == UPDATE])


def environment(world: World) -> dict[str, str]:
    found: dict[str, str] = world.latest()["Environment"]["Variables"]
    return found


@pytest.fixture
def changed(world: World) -> Drift:
    """Memory and an environment value were changed in the console, and a key was added."""
    return drifted(world, change_memory, change_variables)


def change_variables(world: World) -> None:
    change_environment(world, TOKEN="planted-other", EXTRA="planted-extra")


def test_configuration_is_what_the_version_had(world: World, changed: Drift) -> None:
    assert restore(world, changed) is None
    assert environment(world) == VALUES
    assert world.latest()["MemorySize"] == 128
    assert (changed.state, changed.closed_by) == ("restored", world.people["manager"])
    look(world)
    assert not Drift.objects.open().exists()
    assert (world.versions(), world.live()) == (["1"], "1")


def test_no_environment_value_is_kept_or_logged(
    world: World, changed: Drift, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    restore(world, changed)
    assert "planted" not in caplog.text
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT count(*) FROM {name} AS t WHERE t::text LIKE '%planted%'")
            assert cursor.fetchone() == (0,), table
    call = AwsCall.objects.get(operation=UPDATE)
    assert call.request["Fields"] == ["Environment", "MemorySize"]
    assert call.request["EnvironmentKeys"] == ["REGION", "TOKEN"]


def test_what_aws_says_against_a_value_is_left_out(world: World, changed: Drift) -> None:
    world.aws.faults.add(
        Fault(UPDATE, "error", status=400, code="InvalidParameterValueException",
              message="Value planted-secret is not allowed")
    )  # fmt: skip
    with pytest.raises(AwsError) as refused:
        restore(world, changed)
    assert "planted" not in str(refused.value)
    assert "planted" not in AwsCall.objects.get(operation=UPDATE).error_message
    changed.refresh_from_db()
    assert changed.is_open


def test_settings_that_were_added_are_taken_away(world: World) -> None:
    seeded(world)
    layer = world.client.publish_layer_version(
        LayerName="shop", Content={"ZipFile": package("layer")}
    )
    world.client.update_function_configuration(
        FunctionName=world.name,
        Description="by hand",
        Layers=[layer["LayerVersionArn"]],
        TracingConfig={"Mode": "Active"},
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        DeadLetterConfig={"TargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"},
        Timeout=60,
    )
    assert restore(world, found(world)) is None
    latest = world.latest()
    assert latest.get("Layers", []) == [] and not latest.get("DeadLetterConfig")
    assert latest["VpcConfig"]["SubnetIds"] == []
    assert (latest["Timeout"], latest["Description"]) == (3, "")
    assert latest["TracingConfig"] == {"Mode": "PassThrough"}


def test_code_goes_back_by_a_release_through_the_gate(world: World) -> None:
    seeded(world)
    released = world.latest()["CodeSha256"]
    change_code(world)
    drift = found(world)
    release = restore(world, drift)
    assert release is not None and drift.way_under_way == release
    assert through_the_gate(world, release).state == ReleaseState.AWAITING_APPROVAL
    assert world.latest()["CodeSha256"] != released
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED
    assert world.latest()["CodeSha256"] == released
    drift.refresh_from_db()
    assert (drift.state, drift.reason) == ("restored", f"by {release.reference}")
    assert Artifact.objects.filter(code_sha256=released).exists()


def test_both_go_back_the_settings_first(world: World) -> None:
    drift = drifted(world, change_code, change_memory)
    release = restore(world, drift)
    assert release is not None
    assert world.latest()["MemorySize"] == 128
    done = through_the_gate(world, release, "second-manager")
    assert done.state == ReleaseState.RELEASED
    drift.refresh_from_db()
    assert drift.state == "restored"
    look(world)
    assert not Drift.objects.open().exists()


def test_without_an_alias_the_last_release_counts(world: World) -> None:
    seeded(world, alias="")
    release = through_the_gate(world, world.request(package("two")), "manager")
    assert release.state == ReleaseState.RELEASED
    change_memory(world)
    assert restore(world, found(world)) is None
    assert world.latest()["MemorySize"] == 128


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_lost_answer_is_looked_at(world: World, changed: Drift, after: bool) -> None:
    world.aws.faults.add(Fault(UPDATE, "drop", after=after))
    if after:
        restore(world, changed)
        assert changed.state == "restored"
        return
    with pytest.raises(StaleDrift, match="does not hold the configuration of v1 yet"):
        restore(world, changed)
    changed.refresh_from_db()
    assert restore(world, changed) is None
    assert environment(world) == VALUES


def test_a_crash_after_the_write_is_made_good_by_the_next_poll(
    world: World, changed: Drift, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*args: Any, **more: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(restoring, "_end", dies)
    with pytest.raises(SystemExit):
        restore(world, changed)
    drift = found(world)
    assert (drift.pk, drift.state, drift.closed_by) == (
        changed.pk,
        "restored",
        world.people["manager"],
    )
    assert len(said("function.drifted")) == 1


def test_done_in_aws_already_nothing_is_written(world: World, changed: Drift) -> None:
    change_memory(world, 128)
    change_environment(world, **VALUES)
    before = updates(world)
    assert restore(world, changed) is None
    assert updates(world) == before


def test_changed_again_meanwhile_nothing_is_written(world: World, changed: Drift) -> None:
    change_memory(world, 2048)
    before = updates(world)
    with pytest.raises(StaleDrift, match="is not what this page showed any more"):
        restore(world, changed)
    assert (updates(world), world.latest()["MemorySize"]) == (before, 2048)


def test_changed_between_the_look_and_the_write_aws_refuses(world: World, changed: Drift) -> None:
    theirs = {"FunctionName": world.name, "Timeout": 77}
    call = {"operation": UPDATE, "parameters": theirs, "settle": True}
    world.aws.faults.add(Fault(UPDATE, "change", call=call))
    with pytest.raises(StaleDrift, match="changed again at this very moment"):
        restore(world, changed)
    assert world.latest()["Timeout"] == 77
    assert environment(world)["EXTRA"] == "planted-extra"


def test_two_managers_click_at_once_and_one_wins(world: World, changed: Drift) -> None:
    twin = Drift.objects.get(pk=changed.pk)
    restore(world, changed)
    with pytest.raises(StaleDrift, match="decided in the meantime: restored by manager"):
        restore(world, twin, by="second-manager")


def test_an_update_that_fails_in_aws_is_said(world: World, changed: Drift) -> None:
    world.aws.faults.add(Fault(UPDATE, "fail_update", code="SubnetOutOfIPAddresses", message="no"))
    with pytest.raises(AwsError, match="could not take the configuration"):
        restore(world, changed)


def test_aws_that_is_still_at_it_is_waited_for_by_the_page(
    world: World, changed: Drift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "PATIENCE", 0.0)
    world.aws.timing.in_progress = 60.0
    with pytest.raises(StaleDrift, match="still taking the configuration"):
        restore(world, changed)
    world.aws.settle(world.name, region="eu-west-1")
    assert found(world).state == "restored"


def test_only_release_managers_may(world: World, changed: Drift) -> None:
    with pytest.raises(NotAllowed, match="Only release managers put a function back"):
        restore(world, changed, by="developer")
    assert said("drift.restoring") == []


def test_a_moved_alias_is_rolled_back_and_not_restored(world: World) -> None:
    seeded(world)
    world.client.update_function_configuration(FunctionName=world.name, Description="x")
    world.client.publish_version(FunctionName=world.name)
    look(world)
    restore(world, found(world))
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion="2")
    with pytest.raises(NotAllowed, match="Only the alias moved: roll back"):
        restore(world, found(world))


def test_in_a_stage_first_function_too(world: World) -> None:
    world.seed()
    world.add(gate=Gate.STAGE_FIRST)
    change_memory(world)
    assert restore(world, found(world)) is None
    assert world.latest()["MemorySize"] == 128
