"""A hold where callers run `$LATEST`: not even what a release staged is taken back under it."""

from __future__ import annotations

from releases.actions.cancel import cancel
from releases.actions.hold import hold
from releases.actions.resume import resume
from releases.models import Release
from releases.states import ReleaseState
from sandbox.aws import Fault
from tests.pipeline.ways import approved
from tests.world import HERE, World


def test_what_was_staged_stays_until_the_hold_ends(world: World) -> None:
    release = approved(world)
    world.aws.faults.add(
        Fault("PublishVersion", "error", status=400, code="InvalidParameterValueException")
    )
    world.advance(release)
    assert release.state == ReleaseState.FAILED
    staged = world.latest()["CodeSha256"]
    held = hold(world.function, reason="Sale", by=world.people["manager"], origin=HERE)
    cancel(release, by=world.people["developer"], origin=HERE)
    assert world.advance(release).state == ReleaseState.WITHDRAWING
    assert world.latest()["CodeSha256"] == staged
    resume(world.function, reason="Over", seen=held.pk, by=world.people["manager"], origin=HERE)
    Release.objects.filter(pk=release.pk).update(due_at=None)
    assert world.advance(release).state == ReleaseState.CANCELLED
    assert world.latest()["CodeSha256"] != staged
