"""A live alias that somebody pointed at `$LATEST`: pages say so, and whom a change reaches."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from releases.aws.types import LATEST
from releases.models import Function
from tests.actions.drifts import change_code, drifted, found, look, said
from tests.world import World

ClientFor = Callable[[User], Client]


def text_of(world: World, client_for: ClientFor, address: str) -> str:
    html = client_for(world.people["manager"]).get(address).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def point_at_latest(world: World) -> None:
    world.client.update_alias(FunctionName=world.name, Name="live", FunctionVersion=LATEST)


def delete_alias(world: World) -> None:
    world.client.delete_alias(FunctionName=world.name, Name="live")


def test_drift_says_where_the_alias_points(world: World) -> None:
    assert drifted(world, point_at_latest).what == ["the alias live moved from v1 to $LATEST"]
    look(world)
    assert len(said("function.drifted")) == 1


def test_an_alias_that_is_deleted_from_there_is_drift_too(world: World) -> None:
    drifted(world, point_at_latest)
    delete_alias(world)
    found(world)
    assert said("function.drifted")[-1].endswith("moved from $LATEST to no version")


def test_its_callers_run_what_changes_there(world: World, client_for: ClientFor) -> None:
    drifted(world, point_at_latest)
    change_code(world)
    page = text_of(world, client_for, f"/drifts/{found(world).pk}/")
    assert "Callers of live run $LATEST now. Before it was v1." in page
    world.function.drifts.update(state="ignored")
    change_code(world, "more")
    page = text_of(world, client_for, f"/drifts/{found(world).pk}/")
    assert "The alias live points at $LATEST, so its callers run the change now." in page


@pytest.mark.parametrize(
    "address", ["/functions/{}/", "/functions/", "/board/", "/search/?q=check"]
)
def test_pages_call_it_neither_missing_nor_dead(
    world: World, client_for: ClientFor, address: str
) -> None:
    drifted(world, point_at_latest)
    page = text_of(world, client_for, address.format(world.function.pk))
    for wrong in ("not live yet", "not there yet", "does not exist", "nothing is live"):
        assert wrong not in page
    assert "$LATEST" in page


@pytest.mark.parametrize(
    ("creates", "says"), [(True, "The first release creates it."), (False, "Create it in AWS")]
)
def test_who_creates_an_alias_that_is_missing(
    world: World, client_for: ClientFor, creates: bool, says: str
) -> None:
    drifted(world, delete_alias)
    Function.objects.update(creates_alias=creates)
    assert says in text_of(world, client_for, f"/functions/{world.function.pk}/")
