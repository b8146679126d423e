"""What more than one test of the pipeline begins with."""

from __future__ import annotations

from typing import Any

import pytest

from releases import queues
from releases.pipeline.poll import poll
from releases.pipeline.sync import list_environment, read_aliases
from tests.pipeline.ways import added
from tests.world import World


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Does each job the moment it is asked for, as an idle worker would; names what it did."""
    done: list[str] = []

    def doing(name: str, job: Any) -> Any:
        def run(argument: Any) -> None:
            done.append(name)
            job(argument)

        return run

    monkeypatch.setattr(queues, "enqueue_poll", doing("poll", poll))
    monkeypatch.setattr(queues, "enqueue_listing", doing("listing", list_environment))
    monkeypatch.setattr(queues, "enqueue_aliases", doing("aliases", read_aliases))
    return done


@pytest.fixture
def known(world: World) -> World:
    added(world)
    return world
