"""Freeze: nothing goes out of an environment for a while; what is approved waits for its end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from releases.actions.freeze import end_freeze, freeze, override_freeze
from releases.errors import InvalidInput, NotAllowed, StaleRelease
from releases.models import AuditEvent, Environment, Freeze, Release
from releases.models.freezes import Recurrence
from releases.states import Gate, ReleaseState
from tests.beginnings import approved, at_the_gate
from tests.factories import EnvironmentFactory, ReleaseFactory
from tests.kept import kept
from tests.rollbacks import at, back, released_twice
from tests.world import HERE, World, package


def placed(world: World, **more: Any) -> Freeze:
    now = timezone.now()
    wanted: dict[str, Any] = {
        "environment": world.environment,
        "reason": "Black Friday",
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(hours=1),
        "by": world.people["manager"],
        "origin": HERE,
    }
    return freeze(**wanted | more)


@kept
def frozen(world: World, gate: Gate = Gate.REVIEW_FIRST) -> tuple[Freeze, Release]:
    """What was approved during a freeze, and what a worker made of that."""
    standing = placed(world)
    world.add(gate=gate)
    return standing, world.advance(at(world, world.request(package("two")), state="approved"))


def due(world: World, release: Release) -> Release:
    Release.objects.filter(pk=release.pk).update(due_at=None)
    return world.advance(release)


@pytest.mark.parametrize("gate", list(Gate))
def test_what_is_approved_waits(world: World, gate: Gate) -> None:
    _, release = frozen(world, gate)
    assert (release.state, world.live()) == (ReleaseState.APPROVED, "1")
    said = AuditEvent.objects.get(action="release.held").sentence
    assert "production is frozen until" in said and said.endswith("UTC: Black Friday")


def test_when_it_is_over_it_goes_out_by_itself(world: World) -> None:
    standing, release = frozen(world)
    Freeze.objects.filter(pk=standing.pk).update(ends_at=timezone.now())
    assert due(world, release).state == ReleaseState.RELEASED


def test_one_for_all_environments_holds_everywhere(world: World) -> None:
    release = approved(world)
    placed(world, environment=None)
    assert world.advance(release).state == ReleaseState.APPROVED
    assert AuditEvent.objects.filter(sentence__contains="froze all environments").exists()


def test_another_environments_holds_nothing_here(world: World) -> None:
    release = approved(world)
    placed(world, environment=EnvironmentFactory.create(name="staging"))
    assert world.advance(release).state == ReleaseState.RELEASED


def test_lifting_it_lets_go_what_waits(world: World) -> None:
    standing, release = frozen(world)
    end_freeze(standing, reason="Called off", by=world.people["admin"], origin=HERE)
    assert world.advance(release).state == ReleaseState.RELEASED
    with pytest.raises(StaleRelease, match="by somebody else"):
        end_freeze(standing, reason="Again", by=world.people["admin"], origin=HERE)


def test_what_it_lets_go_is_locked_in_the_order_of_all_others(admin: User) -> None:
    """Or it and a change of a policy would wait for each other."""
    approved = ReleaseFactory.create_batch(3, state=ReleaseState.APPROVED)
    now = timezone.now()
    times = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1)}
    standing = Freeze.objects.create(reason="Sale", placed_by=admin, **times)
    with CaptureQueriesContext(connection) as asked:
        end_freeze(standing, reason="Called off", by=admin, origin=HERE)
    due = [each["sql"] for each in asked if '"due_at" = NULL' in each["sql"]]
    assert [pk for sql in due for pk in re.findall(r'"id" = (\d+)', sql)] == [
        str(each.pk) for each in approved
    ]


def test_an_override_needs_a_reason_and_one_approval_more(world: World) -> None:
    _, release = frozen(world)
    with pytest.raises(InvalidInput, match="Say why"):
        override_freeze(release, reason="", by=world.people["manager"], origin=HERE)
    override_freeze(release, reason="Cards fail", by=world.people["manager"], origin=HERE)
    assert release.state == ReleaseState.AWAITING_APPROVAL
    world.approve(release)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED
    said = AuditEvent.objects.get(action="release.freeze_overridden").sentence
    assert said.endswith("in spite of a freeze (Black Friday), for one approval more: Cards fail")


def test_an_override_is_for_that_freeze_alone(world: World) -> None:
    _, release = frozen(world)
    override_freeze(release, reason="Cards fail", by=world.people["manager"], origin=HERE)
    placed(world, reason="Audit week")
    world.approve(release)
    world.approve(release, by="second-manager")
    assert due(world, release).state == ReleaseState.APPROVED


def test_nothing_to_override_is_said(world: World) -> None:
    release = at_the_gate(world)
    with pytest.raises(StaleRelease, match="No freeze keeps"):
        override_freeze(release, reason="x", by=world.people["manager"], origin=HERE)


def test_rolling_back_is_never_frozen(world: World) -> None:
    released_twice(world)
    placed(world)
    back(world)
    assert world.live() == "1"


@pytest.mark.parametrize("person", ["developer", "security"])
def test_who_may_not_place_one(world: World, person: str) -> None:
    with pytest.raises(NotAllowed):
        placed(world, by=world.people[person], reason="", starts_at=None)
    assert not Freeze.objects.exists()
    assert AuditEvent.objects.filter(action="freeze.refused", actor_name=person).exists()


def test_those_whom_it_keeps_waiting_may_not_lift_it(world: World) -> None:
    standing = placed(world)
    with pytest.raises(NotAllowed, match="Only administrators lift freezes"):
        end_freeze(standing, reason="", by=world.people["manager"], origin=HERE)
    assert AuditEvent.objects.filter(action="freeze.refused").exists()


def test_a_developer_overrides_none(world: World) -> None:
    _, release = frozen(world)
    with pytest.raises(NotAllowed, match="Only release managers override a freeze"):
        override_freeze(release, reason="", by=world.people["developer"], origin=HERE)
    assert AuditEvent.objects.filter(action="release.refused").exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"starts_at": None}, "starts_at"),
        ({"ends_at": timezone.now() - timedelta(days=2)}, "ends_at"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"recurrence": Recurrence.DAILY}, "from_time"),
        (
            {"recurrence": Recurrence.WEEKLY, "from_time": "09:00", "to_time": "17:00"},
            "from_weekday",
        ),
        ({"recurrence": Recurrence.DAILY, "from_time": "09:00", "to_time": "09:00"}, "to_time"),
    ],
)
def test_what_is_no_freeze(world: World, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as problem:
        placed(world, **wrong)
    assert problem.value.field == field
    assert not Freeze.objects.exists()


def test_an_environment_with_a_freeze_is_told_apart(world: World) -> None:
    other: Environment = EnvironmentFactory.create(name="staging")
    assert (placed(world).where, placed(world, environment=other).where) == (
        "production",
        "staging",
    )
