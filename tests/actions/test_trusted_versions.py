"""Which versions one person may roll back to: those that were live here, and no others."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from releases.actions.hold import hold
from releases.actions.refresh_function import refresh_function
from releases.actions.roll_back import second_rollback
from releases.live_versions import last_good, what_became_of
from releases.models import AuditEvent, Release, RollbackState, Version
from releases.pipeline.poll import poll
from releases.states import ReleaseState
from sandbox.aws.seed import SeedVersion
from tests.rollbacks import back, released_twice, three_published
from tests.world import HERE, World, package


def test_a_version_whose_release_never_got_live_needs_a_second_person(world: World) -> None:
    """Published, then stopped by a hold: its approvals lapsed, and no old one ever revives."""
    released_twice(world)
    release = world.advance(world.request(package("three")))
    world.approve(release)
    for state in (ReleaseState.STAGING, ReleaseState.PUBLISHING):
        Release.objects.filter(pk=release.pk).update(state=state)
    world.function.versions.create(number=3, code_sha256="eA==", release=release)
    hold(world.function, reason="Stop", by=world.people["manager"], origin=HERE)
    waiting = back(world, to=3)
    assert (waiting.state, world.live()) == (RollbackState.WAITING, "2")


def test_one_that_two_people_rolled_to_was_live_here(world: World) -> None:
    three_published(world)
    second_rollback(back(world, to=2), by=world.people["second-manager"], origin=HERE)
    assert back(world, to=3).state == RollbackState.DONE
    assert back(world, to=2).state == RollbackState.DONE
    assert world.live() == "2"


def made_again(world: World) -> None:
    """Deleted in AWS, and made again by somebody with versions 1 and 2 of other code."""
    world.aws.reset()
    others = [SeedVersion(code=package(text)) for text in ("other one", "other two")]
    world.seed(versions=others, aliases={"live": "2"})
    poll(world.function.pk)
    world.function.refresh_from_db()


def test_a_function_made_again_inherits_no_trust(world: World) -> None:
    released_twice(world)
    back(world, to=1)
    made_again(world)
    assert world.function.live_version == 2
    assert back(world, to=1).state == RollbackState.WAITING


def test_nor_what_became_of_versions_of_the_former_one(world: World) -> None:
    released_twice(world)
    back(world, to=1)
    made_again(world)
    became = what_became_of(world.function, world.function.versions.all())
    assert became[2].rolled_back is None
    assert last_good(world.function) == 1


def test_a_version_that_was_deleted_in_aws_is_not_offered(world: World) -> None:
    released_twice(world)
    third = world.advance(world.request(package("three")))
    world.approve(third)
    world.advance(third)
    world.function.refresh_from_db()
    assert last_good(world.function) == 2
    Version.objects.update(published_at=timezone.now() - timedelta(days=1))
    world.client.delete_function(FunctionName=world.name, Qualifier="2")
    refresh_function(world.function, by=world.people["manager"], origin=HERE)
    assert Version.objects.get(number=2).gone_at is not None
    assert last_good(world.function) == 1


def test_the_history_says_what_was_deleted_in_aws_and_what_is_back(world: World) -> None:
    released_twice(world)
    Version.objects.update(published_at=timezone.now() - timedelta(days=1))
    Version.objects.filter(number=2).update(gone_at=timezone.now())
    world.client.delete_function(FunctionName=world.name, Qualifier="1")
    refresh_function(world.function, by=world.people["manager"], origin=HERE)
    told = AuditEvent.objects.filter(action__startswith="function.versions_")
    assert list(told.order_by("pk").values_list("sentence", flat=True)) == [
        "Versions of checkout were deleted in AWS: v1",
        "Versions of checkout that were missing in AWS are back: v2",
    ]


def test_what_a_listing_does_not_show_yet_is_not_called_gone(world: World) -> None:
    released_twice(world)
    version = Version.objects.get(number=2)
    Version.objects.filter(pk=version.pk).update(number=3, published_at=timezone.now())
    refresh_function(world.function, by=world.people["manager"], origin=HERE)
    assert Version.objects.get(number=3).gone_at is None
