"""Packs of what the pipeline really did hold: the script works out what Sluice itself says."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

from releases.actions.put_back import put_back
from releases.evidence import OfDays, OfRelease, gather
from releases.evidence.scope import Scope
from releases.evidence.written import written
from releases.models import Release
from releases.pipeline.poll import poll
from tests.actions.drifts import change_code
from tests.evidence.test_check_evidence import check
from tests.rollbacks import back, released_twice, released_without_alias
from tests.sealing import seal_all
from tests.world import HERE, World


def assert_packs_hold(world: World, folder: Path) -> None:
    """That of the day, and that of each release."""
    seal_all()
    reader, day = world.people["manager"], timezone.now().date()
    releases = Release.objects.select_related("function__environment")
    scopes: list[Scope] = [
        OfDays(day, day, reader),
        *(OfRelease(each, reader) for each in releases),
    ]
    for scope in scopes:
        pack = folder / f"{scope.slug}.zip"
        pack.write_bytes(b"".join(written(gather(scope, only_sealed=True), by="manager")))
        status, words = check(pack)
        assert status == 0, words


def test_of_a_release_that_was_rolled_back_and_changed_outside(
    world: World, tmp_path: Path
) -> None:
    released_twice(world)
    back(world)
    change_code(world)
    poll(world.function.pk)
    assert_packs_hold(world, tmp_path)


def test_of_earlier_code_that_was_put_back(world: World, tmp_path: Path) -> None:
    function = released_without_alias(world)
    seen, manager = function.latest_code_sha256, world.people["manager"]
    world.advance(put_back(function, to=2, reason="It fails", seen=seen, by=manager, origin=HERE))
    assert_packs_hold(world, tmp_path)
