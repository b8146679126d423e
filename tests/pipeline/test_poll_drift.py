"""The poll of a function without a release in flight: what changed outside Sluice is said once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases import queues
from releases.actions.cancel import cancel
from releases.actions.refresh_function import refresh_function
from releases.pipeline.poll import poll
from releases.states import Gate, ReleaseState
from tests.pipeline.polling import (
    CHANGES,
    GATES,
    change_memory,
    look,
    move_weights,
    said,
)
from tests.pipeline.ways import added, approved
from tests.world import HERE, World, package


@pytest.mark.parametrize(("change", "names"), CHANGES)
def test_drift_is_in_the_history_once_and_on_the_page(
    world: World, change: Any, names: str
) -> None:
    added(world, two_versions=True)
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
    added(world)
    change_memory(world)
    world.client.publish_version(FunctionName=world.name)
    look(world)
    assert list(world.function.versions.values_list("number", flat=True)) == [2, 1]


@GATES
def test_what_sluice_did_itself_is_no_drift(world: World, gate: Gate) -> None:
    release = approved(world, gate=gate)
    assert world.advance(release).state == ReleaseState.RELEASED
    look(world)
    again = world.advance(world.request(package("three")))
    cancel(again, by=world.people["developer"], origin=HERE)
    assert world.advance(again).state == ReleaseState.CANCELLED
    look(world)
    assert said("function.drifted") == []


def test_what_a_person_read_first_is_in_the_history_too(world: World) -> None:
    added(world)
    change_memory(world)
    refresh_function(world.function, by=world.people["manager"], origin=HERE)
    look(world)
    [sentence] = said("function.drifted")
    assert "MemorySize changed from 128 to 512" in sentence


def test_a_deleted_function_is_said_once(world: World) -> None:
    added(world)
    world.client.delete_function(FunctionName=world.name)
    for _ in range(3):
        look(world)
    assert said("function.drifted") == [
        "checkout was changed in AWS and not through Sluice: it is no longer in AWS"
    ]


def test_reading_what_was_deleted_has_its_page_say_so(
    world: World, client_for: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    function = added(world)
    monkeypatch.setattr(queues, "enqueue_poll", poll)
    world.client.delete_function(FunctionName=world.name)
    client = client_for(world.people["manager"])
    page = client.post(f"/functions/{function.pk}/refresh/", follow=True).content.decode()
    assert "Function not found" in page
    assert "is no longer in AWS: nobody can call it" in page
