"""Request a release: what can be used, what is refused, and that it waits its turn."""

from typing import Any

import pytest

from releases.actions.create_release import create_release
from releases.errors import InvalidInput, NotAllowed
from releases.models import IntakeState, Release
from releases.states import ReleaseState
from tests.beginnings import added, at_the_gate
from tests.factories import FunctionFactory
from tests.packages.zips import ARM, X86, zip_of
from tests.world import HERE, World, package


def test_the_present_latest_can_be_released(world: World) -> None:
    added(world)
    world.client.update_function_configuration(FunctionName="checkout", MemorySize=512)
    release = world.advance(world.request(None))
    for who in ("manager", "second-manager"):
        world.approve(release, by=who)
    world.advance(release)
    version = world.client.get_function_configuration(FunctionName="checkout", Qualifier="2")
    assert (release.state, version["MemorySize"]) == (ReleaseState.RELEASED, 512)


def test_the_architecture_goes_with_the_code(world: World) -> None:
    added(world)
    release = world.advance(world.request(package("two"), architecture="arm64"))
    world.approve(release)
    world.advance(release)
    version = world.client.get_function_configuration(FunctionName="checkout", Qualifier="2")
    assert (release.state, version["Architectures"]) == (ReleaseState.RELEASED, ["arm64"])


@pytest.mark.parametrize(
    ("library", "architecture", "codes"),
    [
        (ARM, "", ["architecture"]),
        (ARM, "arm64", []),
        (X86, "", []),
        (X86, "arm64", ["architecture"]),
    ],
    ids=["arm", "arm for arm64", "x86", "x86 for arm64"],
)
def test_warnings_are_those_of_the_architecture_that_it_sets(
    world: World, library: bytes, architecture: str, codes: list[str]
) -> None:
    added(world)
    code = zip_of({"index.py": b"def handler(event, context): ...", "lib.so": library})
    release = world.request(code, architecture=architecture)
    assert [row["code"] for row in release.warnings] == codes


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"description": "x" * 257}, "description"),
        ({"architecture": "riscv"}, "architecture"),
        ({"change_url": "javascript:alert(1)"}, "change_url"),
        ({"git_commit": "c" * 65}, "git_commit"),
    ],
)
def test_a_refusal_names_its_field(world: World, more: dict[str, Any], field: str) -> None:
    added(world)
    with pytest.raises(InvalidInput) as refused:
        world.request(package("two"), **more)
    assert refused.value.field == field
    assert not Release.objects.exists()


def test_a_refused_package_cannot_be_released(world: World) -> None:
    added(world)
    with pytest.raises(InvalidInput, match="was refused"):
        world.request(b"no zip")


def test_a_package_is_for_its_function(world: World) -> None:
    added(world)
    taken = world.bring_in(package("two"))
    other = FunctionFactory.create(environment=world.environment, name="other")
    with pytest.raises(InvalidInput, match="brought in for checkout"):
        create_release(
            function=other, intake=taken, by=world.people["developer"], origin=HERE
        )  # fmt: skip


def test_what_is_still_being_inspected_waits(world: World) -> None:
    added(world)
    taken = world.bring_in(package("two"))
    taken.state = IntakeState.READING
    with pytest.raises(InvalidInput, match="still being inspected"):
        create_release(
            function=world.function, intake=taken, by=world.people["developer"], origin=HERE
        )


def test_the_second_release_waits_for_the_first(world: World) -> None:
    first = at_the_gate(world)
    second = world.advance(world.request(package("three")))
    assert (first.state, second.state) == (ReleaseState.AWAITING_APPROVAL, ReleaseState.QUEUED)
    world.approve(first)
    world.advance(first)
    assert world.advance(second).state == ReleaseState.AWAITING_APPROVAL


def test_an_administrator_requests_nothing(world: World) -> None:
    added(world)
    with pytest.raises(NotAllowed, match="Only developers and release managers"):
        world.request(package("two"), by="admin")
