"""A freeze that begins while a release is half way out: it waits as it is, and nothing lapses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.actions.cancel import cancel
from releases.actions.freeze import end_freeze, freeze, override_freeze
from releases.errors import NotAllowed
from releases.models import AuditEvent, Freeze, Release
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.aside import in_a_thread
from tests.kept import kept
from tests.pipeline.ways import approved, sha_of
from tests.world import HERE, World


def frozen_at(world: World, release: Release, operation: str, *, skip: int = 0) -> Freeze:
    """The window opens while AWS is at the call before; the worker then goes on."""
    fault = world.aws.faults.add(Fault(operation, "hold", after=True, skip=skip))
    worker = in_a_thread(release)
    assert world.aws.faults.wait_held(fault, 20)
    now = timezone.now()
    placed = freeze(
        world.environment, reason="Black Friday", starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(hours=1), by=world.people["manager"], origin=HERE,
    )  # fmt: skip
    world.aws.faults.release(fault)
    worker.join(30)
    release.refresh_from_db()
    return placed


@kept
def frozen_once_published(world: World, **more: Any) -> tuple[Release, Freeze]:
    """Version 2 is there, and the alias has not moved."""
    release = approved(world, **more)
    return release, frozen_at(world, release, "PublishVersion")


@pytest.mark.parametrize("gate", list(Gate))
def test_a_shift_waits_for_the_end_and_then_goes_on_by_itself(world: World, gate: Gate) -> None:
    release, placed = frozen_once_published(world, gate=gate)
    assert (release.state, world.live()) == (ReleaseState.PUBLISHING, "1")
    assert release.due_at == placed.ends_at
    assert world.advance(release).state == ReleaseState.PUBLISHING
    said = AuditEvent.objects.filter(action="release.held")
    assert [each.sentence.rpartition(": ")[2] for each in said] == ["Black Friday"]
    Freeze.objects.update(ends_at=timezone.now())
    Release.objects.update(due_at=timezone.now())
    assert world.advance(release).state == ReleaseState.RELEASED
    assert world.live() == "2"


def test_nothing_is_published_either(world: World) -> None:
    release = approved(world)
    frozen_at(world, release, "UpdateFunctionCode")
    assert (release.state, world.versions()) == (ReleaseState.PUBLISHING, ["1"])


def test_without_an_alias_nothing_is_staged(world: World) -> None:
    """Staging is going live there; only what reads has run since the window opened."""
    world.alias = ""
    world.aws.reset()
    world.seed()
    release = approved(world)
    frozen_at(world, release, "GetFunction")
    assert (release.state, world.latest()["CodeSha256"]) == (
        ReleaseState.STAGING,
        sha_of("one"),
    )


def test_lifting_it_wakes_what_is_half_way(world: World) -> None:
    release, placed = frozen_once_published(world)
    end_freeze(placed, reason="Called off", by=world.people["admin"], origin=HERE)
    assert world.advance(release).state == ReleaseState.RELEASED


def test_an_override_asks_its_gate_for_one_approval_more(world: World) -> None:
    release, _ = frozen_once_published(world)
    with pytest.raises(NotAllowed, match="Only release managers override"):
        override_freeze(release, reason="x", by=world.people["developer"], origin=HERE)
    override_freeze(release, reason="Cards fail", by=world.people["manager"], origin=HERE)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    world.approve(release)
    assert world.advance(release).state == ReleaseState.AWAITING_APPROVAL
    world.approve(release, by="second-manager")
    assert world.advance(release).state == ReleaseState.RELEASED
    # What was published before the window is what goes live.
    assert (world.versions(), world.live()) == (["1", "2"], "2")


def test_nobody_overrides_under_a_worker_that_is_at_it(world: World) -> None:
    release = approved(world)
    fault = world.aws.faults.add(Fault("PublishVersion", "hold"))
    worker = in_a_thread(release)
    assert world.aws.faults.wait_held(fault, 20)
    with pytest.raises(NotAllowed, match="waits for no freeze to end"):
        override_freeze(release, reason="x", by=world.people["manager"], origin=HERE)
    world.aws.faults.release(fault)
    worker.join(30)


def test_what_was_done_unheard_before_it_is_found_done(world: World) -> None:
    """The alias moved before the window opened; only the answer was lost."""
    release = approved(world)
    world.aws.faults.add(Fault("UpdateAlias", "drop", after=True))
    # Stage and publish read it, and then the shift that looks for its own effect.
    frozen_at(world, release, "GetAlias", skip=2)
    assert (release.state, world.live()) == (ReleaseState.RELEASED, "2")


def test_the_page_says_for_what_it_waits(world: World, client: Client) -> None:
    release, _ = frozen_once_published(world)
    client.force_login(User.objects.get(username="manager"))
    text = client.get(f"/releases/{release.pk}/").content.decode()
    assert "frozen until" in text and "half way: it waits as it is" in text
    assert "override-dialog" in text
    function = client.get(f"/functions/{world.function.pk}/").content.decode()
    assert "half way out, too" in function


def test_taking_back_waits_as_well(world: World) -> None:
    """Callers of `$LATEST` run what was staged: putting it back changes that, too."""
    release = approved(world)
    world.aws.faults.add(Fault("PublishVersion", "error", status=403, code="AccessDenied"))
    placed = frozen_at(world, release, "UpdateFunctionCode")
    Freeze.objects.filter(pk=placed.pk).update(ended_at=timezone.now())
    Release.objects.update(due_at=None)
    assert world.advance(release).state == ReleaseState.FAILED
    Freeze.objects.filter(pk=placed.pk).update(ended_at=None)
    staged = world.latest()["CodeSha256"]
    cancel(release, by=world.people["manager"], origin=HERE)
    assert world.advance(release).state == ReleaseState.WITHDRAWING
    assert (release.due_at, world.latest()["CodeSha256"]) == (placed.ends_at, staged)
    end_freeze(placed, reason="Called off", by=world.people["admin"], origin=HERE)
    assert world.advance(release).state == ReleaseState.CANCELLED
    assert world.latest()["CodeSha256"] != staged
