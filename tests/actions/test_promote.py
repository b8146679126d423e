"""Promote: the same bytes to the same function elsewhere, through the gate there."""

from __future__ import annotations

import pytest

from accounts.models import User
from releases.actions.gate import rules_for
from releases.actions.promote import promote
from releases.errors import InvalidInput, NotAllowed, StaleRelease
from releases.models import AuditEvent, Authorship, Function, Release
from releases.packages.store import artifacts, package_name
from releases.policy import authors_of
from releases.promotion import promotion_to
from releases.states import FINAL, Gate, ReleaseState
from tests.actions.promotions import brought_in, keep, pair, runs, staging
from tests.factories import (
    ArtifactFactory,
    EnvironmentFactory,
    FunctionFactory,
    IntakeFactory,
    ReleaseFactory,
    own,
)
from tests.world import HERE, World, package

pytestmark = pytest.mark.django_db


def test_the_same_bytes_wait_for_the_review_there(developer: User) -> None:
    source, target = pair(
        description="Retry on 429", git_commit="abc1234", change_url="https://example.com/7"
    )
    made = promote(source, to=target, by=developer, origin=HERE)
    assert (made.artifact, made.function, made.state) == (source.artifact, target, "queued")
    assert (made.promoted_from, made.requested_by) == (source, developer)
    assert (made.description, made.git_commit) == ("Retry on 429", "abc1234")
    assert (made.change_url, made.intake) == ("https://example.com/7", source.intake)
    assert list(source.promotions.all()) == [made]


def test_gate_and_alias_are_those_of_the_function_there(developer: User) -> None:
    source, target = pair()
    Function.objects.filter(pk=target.pk).update(gate=Gate.STAGE_FIRST, live_alias="prod")
    made = promote(source, to=target, by=developer, origin=HERE)
    assert (made.gate, made.target_alias) == (Gate.STAGE_FIRST, "prod")


def test_the_architecture_that_the_code_was_released_with_goes_along(developer: User) -> None:
    source, target = pair(architecture="arm64")
    assert promote(source, to=target, by=developer, origin=HERE).architecture == "arm64"


def test_both_releases_tell_it(developer: User) -> None:
    source, target = pair()
    made = promote(source, to=target, by=developer, origin=HERE)
    code = source.artifact.code_sha256 if source.artifact else ""
    told = AuditEvent.objects.get(action="release.promoted")
    assert (told.release_id, told.environment_name) == (made.pk, "production")
    assert told.sentence == (
        f"{developer.name} promoted {source.reference} of staging to production"
        f" as {made.reference} of checkout: {code}"
    )
    on = AuditEvent.objects.get(action="release.promoted_on")
    assert (on.release_id, on.request_id) == (source.pk, told.request_id)
    assert on.sentence == (
        f"{developer.name} promoted {source.reference} of checkout to production"
        f" as {made.reference}"
    )


def test_who_promoted_and_who_brought_the_bytes_in_are_authors(
    developer: User, second_developer: User, manager: User
) -> None:
    source, target = pair()
    brought_in(source, second_developer)
    made = promote(source, to=target, by=manager, origin=HERE)
    assert authors_of(made) == {
        manager.pk: "requested this release",
        second_developer.pk: "brought in these bytes",
    }


def test_who_released_them_as_they_stood_is_an_author_wherever_they_go(
    developer: User, manager: User
) -> None:
    artifact = ArtifactFactory.create()
    source, target = pair(artifact=None, requested_by=manager)
    runs(source.function, artifact.code_sha256, release=source)
    keep(artifact)
    made = promote(source, to=target, by=developer, origin=HERE)
    assert made.artifact == artifact
    assert authors_of(made)[manager.pk] == Authorship.AS_IT_STOOD
    Release.objects.filter(pk=made.pk).update(state="cancelled")
    third = FunctionFactory.create(
        name="checkout", environment=EnvironmentFactory.create(name="china")
    )
    again = promote(_went_live(made), to=third, by=developer, origin=HERE)
    assert authors_of(again)[manager.pk] == Authorship.AS_IT_STOOD


def _went_live(release: Release) -> Release:
    """As if it had been released: what a chain of environments needs."""
    made = ReleaseFactory.create(
        function=release.function,
        artifact=release.artifact,
        state=ReleaseState.RELEASED,
        version_number=8,
    )
    for row in release.authorships.all():
        made.authorships.create(person=row.person, because=row.because)
    return made


def test_what_was_adopted_needs_one_approval_more_there_too(developer: User, manager: User) -> None:
    source, target = pair()
    source.authorships.create(person=manager, because=Authorship.ADOPTED)
    promotion = promotion_to(source, target)
    assert promotion is not None and promotion.rules.managers == target.rules.managers + 1
    made = promote(source, to=target, by=developer, origin=HERE)
    assert [row.is_adoption for row in made.authorships.all()] == [True]


def test_so_does_what_was_released_as_it_stood_with_drift_in_it(
    developer: User, manager: User
) -> None:
    source, target = pair()
    source.took_drift_in = True
    source.save(update_fields=["took_drift_in"])
    promotion = promotion_to(source, target)
    assert promotion is not None and promotion.rules.managers == target.rules.managers + 1
    made = promote(source, to=target, by=developer, origin=HERE)
    assert rules_for(made) == promotion.rules


def test_bytes_that_sluice_never_held_are_not_promoted(developer: User) -> None:
    source, target = pair(artifact=None)
    runs(source.function, "dW5rbm93biBieXRlcw==", release=source)
    with pytest.raises(NotAllowed, match="released \\$LATEST as it stood, and Sluice holds no"):
        promote(source, to=target, by=developer, origin=HERE)


def test_bytes_that_the_store_lost_are_not_promoted(developer: User) -> None:
    source, target = pair(kept=False)
    with pytest.raises(InvalidInput, match="no longer in Sluice's store"):
        promote(source, to=target, by=developer, origin=HERE)
    assert not target.releases.exists()


@pytest.mark.parametrize("state", [each for each in ReleaseState if each != "released"])
def test_only_what_is_released_is_promoted(developer: User, state: str) -> None:
    source, target = pair()
    waiting = ReleaseFactory.create(function=source.function, artifact=source.artifact, state=state)
    with pytest.raises(NotAllowed, match="is not released"):
        promote(waiting, to=target, by=developer, origin=HERE)


def test_it_goes_to_the_function_of_its_name_only(developer: User) -> None:
    source, _ = pair()
    other = FunctionFactory.create(name="invoices")
    for to in (other, source.function):
        with pytest.raises(NotAllowed, match="to checkout in another environment only"):
            promote(source, to=to, by=developer, origin=HERE)


def test_the_package_type_must_fit(developer: User) -> None:
    source, target = pair()
    Function.objects.filter(pk=target.pk).update(package_type="Image")
    with pytest.raises(NotAllowed, match=r"deployed as Image, but R-\d+ released a Zip"):
        promote(source, to=target, by=developer, origin=HERE)


def test_a_package_that_could_not_be_delivered_is_refused_at_once(developer: User) -> None:
    source, target = pair(artifact=ArtifactFactory.create(size=60_000_000))
    with pytest.raises(NotAllowed, match="packages over 50 MB need the environment's staging"):
        promote(source, to=target, by=developer, origin=HERE)


@pytest.mark.parametrize("state", [each for each in ReleaseState if each not in FINAL | {"draft"}])
def test_what_is_on_its_way_already_is_named(developer: User, state: str) -> None:
    source, target = pair()
    other = ReleaseFactory.create(function=target, artifact=source.artifact, state=state)
    with pytest.raises(StaleRelease, match=f"{other.reference} brings exactly these bytes"):
        promote(source, to=target, by=developer, origin=HERE)
    assert target.releases.count() == 1


def test_it_can_be_promoted_again_when_the_first_try_is_over(developer: User) -> None:
    source, target = pair()
    first = promote(source, to=target, by=developer, origin=HERE)
    with pytest.raises(StaleRelease):
        promote(source, to=target, by=developer, origin=HERE)
    Release.objects.filter(pk=first.pk).update(state=ReleaseState.CANCELLED)
    assert promote(source, to=target, by=developer, origin=HERE).pk > first.pk


def test_what_is_live_there_is_nothing_to_release(developer: User) -> None:
    source, target = pair()
    code = source.artifact.code_sha256 if source.artifact else ""
    target.versions.update(code_sha256=code)
    with pytest.raises(StaleRelease, match="Nothing to release: checkout in production runs"):
        promote(source, to=target, by=developer, origin=HERE)
    Function.objects.filter(pk=target.pk).update(live_weights={"6": 0.1})
    assert promote(source, to=target, by=developer, origin=HERE).function == target


@pytest.mark.parametrize("who", ["viewer", "auditor", "admin", "security"])
def test_who_may_not_request_releases_may_not_promote(
    who: str, request: pytest.FixtureRequest
) -> None:
    source, target = pair()
    with pytest.raises(NotAllowed, match="Only developers and release managers request"):
        promote(source, to=target, by=request.getfixturevalue(who), origin=HERE)
    refused = AuditEvent.objects.get(action="release.refused")
    assert (refused.release_id, refused.data["verb"]) == (source.pk, "promote")
    assert not target.releases.exists()


def test_warnings_are_those_of_the_function_there(world: World) -> None:
    world.add()
    there = FunctionFactory.create(name="checkout", environment=staging(), handler="other.handler")
    taken = world.bring_in(package("two"))
    source = ReleaseFactory.create(
        function=world.function, artifact=taken.artifact, state="released", version_number=2
    )
    made = promote(source, to=there, by=world.people["developer"], origin=HERE)
    assert source.warnings == []
    assert [row["code"] for row in made.warnings] == ["handler-missing"]


def test_it_becomes_live_in_the_other_account_with_the_same_hash(world: World) -> None:
    """From staging to production through the sandbox, the package brought in only once."""
    world.add()
    source = world.advance(world.request(package("two"), description="Retry"))
    world.approve(source)
    world.advance(source)
    other = staging()
    other.role_arn = "arn:aws:iam::210987654321:role/sluice"
    other.save()
    there = World(world.aws, name=world.name)
    there.environment = other
    there.seed(account=other.account_id)
    there.add()
    made = promote(source, to=there.function, by=world.people["developer"], origin=HERE)
    there.advance(made)
    there.approve(made)
    there.advance(made)
    assert (made.state, made.version_number) == (ReleaseState.RELEASED, 2)
    version = there.function.versions.get(number=2)
    assert source.artifact is not None
    assert version.code_sha256 == source.artifact.code_sha256
    assert made.aws_calls.filter(operation="UpdateAlias", status="ok").count() == 1
    assert artifacts().exists(package_name(source.artifact.sha256))


def test_a_policy_there_is_followed_and_not_the_one_here(developer: User, manager: User) -> None:
    source, target = pair()
    Function.objects.filter(pk=target.pk).update(**own(2, 1))
    promotion = promotion_to(source, Function.objects.get(pk=target.pk))
    assert promotion is not None
    assert promotion.rules.who == "2 release managers and 1 security"


def test_an_intake_elsewhere_counts_for_the_promoter_too(developer: User, manager: User) -> None:
    source, target = pair()
    IntakeFactory.create(artifact=source.artifact, person=manager)
    made = promote(source, to=target, by=developer, origin=HERE)
    assert manager.pk in authors_of(made)
