"""When the poll asks nothing, what it cannot read, what it costs, and who hears of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from releases import broker
from releases.models import AwsCall, Release
from releases.pipeline.lock import function_lock
from releases.pipeline.poll import poll
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.pipeline.polling import (
    at_the_gate,
    change_code,
    look,
    said,
)
from tests.pipeline.ways import added
from tests.world import World

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


def test_a_poll_keeps_no_calls_and_makes_no_writes(world: World) -> None:
    added(world)
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
