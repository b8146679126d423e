"""Restoring writes nothing while something keeps what callers run as it is, until the write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from releases.actions.freeze import freeze
from releases.actions.hold import hold
from releases.aws.gateway import Gateway
from releases.errors import NotAllowed, StaleDrift
from releases.models import Drift, Freeze
from tests.actions.drifts import change_memory, drifted, said
from tests.actions.test_restore_drift import restore, updates
from tests.world import HERE, World, package


def put_on_hold(world: World) -> None:
    hold(world.function, reason="Sale", by=world.people["manager"], origin=HERE)


def open_a_freeze(world: World) -> None:
    now = timezone.now()
    freeze(
        world.environment,
        reason="Sale",
        by=world.people["manager"],
        origin=HERE,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )


def begin_a_release(world: World) -> None:
    world.advance(world.request(package("two")))


REASONS = pytest.mark.parametrize(
    ("happens", "because"),
    [
        pytest.param(put_on_hold, "manager put checkout on hold: Sale", id="a hold"),
        pytest.param(open_a_freeze, "production is frozen until .* UTC: Sale", id="a freeze"),
        pytest.param(begin_a_release, "R-.* is in flight", id="a release"),
    ],
)


@pytest.fixture
def changed(world: World) -> Drift:
    return drifted(world, change_memory)


@REASONS
def test_it_is_not_allowed_under_what_stands(
    world: World, changed: Drift, happens: Callable[[World], None], because: str
) -> None:
    happens(world)
    with pytest.raises(NotAllowed, match=because):
        restore(world, changed)
    assert (updates(world), world.latest()["MemorySize"]) == (1, 512)


@REASONS
def test_nothing_is_written_under_what_came_after_the_click(
    world: World,
    changed: Drift,
    happens: Callable[[World], None],
    because: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    writes = Gateway.restore_configuration

    def begins(*args: Any, **more: Any) -> tuple[str, ...]:
        happens(world)
        return writes(*args, **more)

    monkeypatch.setattr(Gateway, "restore_configuration", begins)
    with pytest.raises(StaleDrift, match=f"{because}.* Nothing was written"):
        restore(world, changed)
    assert (updates(world), world.latest()["MemorySize"]) == (1, 512)
    changed.refresh_from_db()
    assert changed.is_open and "could not restore" in said("drift.refused")[0]


def test_once_the_freeze_is_over_it_is_restored(world: World, changed: Drift) -> None:
    open_a_freeze(world)
    Freeze.objects.update(ends_at=timezone.now())
    assert restore(world, changed) is None
    assert world.latest()["MemorySize"] == 128
