"""What `$LATEST` held before a release can be put back, whichever versions AWS has deleted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from releases.actions.refresh_function import refresh_function
from releases.actions.reject import reject
from releases.models import Artifact, AuditEvent, Release, Version
from releases.packages.intake import hex_of
from releases.packages.store import artifacts, package_name
from releases.states import Gate, ReleaseState
from sandbox.aws.seed import SeedVersion
from tests.kept import kept
from tests.pipeline.ways import sha_of
from tests.world import HERE, World, package

ONE, TWO = SeedVersion(code=package("one")), SeedVersion(code=package("two"))
BEFORE = sha_of("one")


def known(world: World, versions: list[SeedVersion]) -> None:
    """Live is version 2, and `$LATEST` holds the code of version 1."""
    world.aws.reset()
    world.seed(versions=versions, aliases={"live": "2"}, code=ONE.code)
    world.add(gate=Gate.STAGE_FIRST)


def deleted(world: World, *numbers: str) -> None:
    for number in numbers:
        world.client.delete_function(FunctionName=world.name, Qualifier=number)


def listed(world: World) -> None:
    """Sluice lists the versions, and learns which are gone: long after they were published."""
    Version.objects.update(published_at=datetime(2024, 1, 1, tzinfo=UTC))
    refresh_function(world.function, by=world.people["manager"], origin=HERE)


def staged(world: World) -> Release:
    release = world.advance(world.request(package("three")))
    assert release.state == ReleaseState.AWAITING_APPROVAL
    return release


@kept
def staged_over(world: World, versions: list[SeedVersion]) -> Release:
    known(world, versions)
    return staged(world)


def forgotten(code_sha256: str) -> None:
    """As a release of an older Sluice would be: nothing of this code was kept."""
    Artifact.objects.filter(code_sha256=code_sha256).delete()
    store, name = artifacts(), package_name(hex_of(code_sha256))
    if store.exists(name):
        store.storage.delete(name)


def turned_down(world: World, release: Release) -> str:
    """What `$LATEST` holds after it."""
    said = {"fingerprint": release.rounds.get().fingerprint, "reason": "Not today"}
    reject(release, by=world.people["manager"], origin=HERE, **said)
    assert world.advance(release).state == ReleaseState.REJECTED
    return str(world.latest()["CodeSha256"])


def test_code_whose_version_was_deleted_before_is_kept(world: World) -> None:
    known(world, [ONE, TWO])
    deleted(world, "1")
    listed(world)
    release = staged(world)
    assert AuditEvent.objects.filter(sentence__contains="unpublished code is being overwritten")
    assert turned_down(world, release) == BEFORE


@pytest.mark.parametrize("is_listed", [True, False])
def test_code_whose_version_is_deleted_afterwards_was_kept(world: World, is_listed: bool) -> None:
    release = staged_over(world, [ONE, TWO])
    deleted(world, "1")
    if is_listed:
        listed(world)
    assert turned_down(world, release) == BEFORE


@pytest.mark.parametrize("is_listed", [True, False])
def test_another_version_with_the_same_code_serves_as_well(world: World, is_listed: bool) -> None:
    release = staged_over(world, [ONE, TWO, ONE])
    forgotten(BEFORE)
    deleted(world, "3")
    if is_listed:
        listed(world)
    assert turned_down(world, release) == BEFORE


def test_what_live_holds_is_not_fetched(world: World) -> None:
    world.add(gate=Gate.STAGE_FIRST)
    release = staged(world)
    assert not Artifact.objects.filter(code_sha256=BEFORE).exists()
    assert turned_down(world, release) == BEFORE


def test_what_is_nowhere_any_more_is_said(world: World) -> None:
    release = staged_over(world, [ONE, TWO])
    forgotten(BEFORE)
    deleted(world, "1")
    assert turned_down(world, release) != BEFORE
    assert AuditEvent.objects.filter(sentence__contains="on $LATEST no longer").exists()
