"""Changing an environment moves nothing that was approved, and publishes nothing elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from releases.actions.save_environment import save_environment
from releases.errors import InvalidInput
from releases.models import AwsCall, Release
from releases.states import Gate, ReleaseState
from sandbox.aws.seed import SeedVersion
from tests.pipeline.polling import GATES
from tests.pipeline.ways import approved_for_tomorrow
from tests.world import HERE, REGION, World, package

OTHER = "210987654321"


def change(world: World, **values: Any) -> None:
    save_environment(world.environment, values=values, by=world.people["admin"], origin=HERE)


def approved(world: World, gate: Gate) -> Release:
    """Approved, and it waits for its time, so that the environment can change under it."""
    release = approved_for_tomorrow(world, gate=gate)
    assert release.state == ReleaseState.APPROVED
    return release


def when_due(world: World, release: Release) -> Release:
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        return world.advance(release)


@GATES
def test_a_role_that_leads_to_another_account_publishes_nothing(world: World, gate: Gate) -> None:
    """The same function there, with the same code and configuration, is not what was approved."""
    release = approved(world, gate)
    there = {"account": OTHER, "region": REGION, "aliases": {"live": "1"}}
    world.seed(**there, versions=[SeedVersion(code=package("one"), description="first")])
    # As an older Sluice took it: now it is refused where it is entered.
    type(world.environment).objects.update(role_arn=f"arn:aws:iam::{OTHER}:role/sluice")
    written = AwsCall.objects.filter(is_write=True).count()
    assert when_due(world, release).state == ReleaseState.FAILED
    assert release.error_name == "WrongAccount"
    assert f"account {OTHER}" in release.error_message
    assert AwsCall.objects.filter(is_write=True).count() == written
    assert world.live() == "1" and world.versions() == ["1"]


@GATES
def test_another_name_and_mark_change_nothing_of_an_approval(world: World, gate: Gate) -> None:
    release = approved(world, gate)
    fingerprint = release.rounds.get().fingerprint
    change(world, name="renamed", tier="development")
    assert when_due(world, release).state == ReleaseState.RELEASED
    assert release.rounds.get().fingerprint == fingerprint
    assert world.live() == "2"


@pytest.mark.parametrize(("field", "value"), [("account_id", OTHER), ("region", "eu-central-1")])
def test_the_place_stays_while_a_release_is_approved_for_it(
    world: World, field: str, value: str
) -> None:
    approved(world, Gate.REVIEW_FIRST)
    with pytest.raises(InvalidInput, match="its account and Region stay") as refused:
        change(world, **{field: value})
    assert refused.value.field == field
    world.environment.refresh_from_db()
    assert getattr(world.environment, field) != value
