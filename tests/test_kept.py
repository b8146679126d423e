"""What tests begin from is put back as it was, and only where nothing is different."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import time_machine

from accounts.models import Role, User
from releases.models import AuditEvent, Environment, Release
from releases.models.environments import Tier
from releases.pipeline import settle
from releases.states import Gate, ReleaseState
from sandbox.aws import Fault
from tests.conftest import clean_database
from tests.factories import FunctionFactory
from tests.kept import kept
from tests.world import World, package

walks: list[str] = []


@kept
def at_the_gate(world: World, text: str = "two", gate: Gate = Gate.STAGE_FIRST) -> Release:
    walks.append(text)
    world.add(gate=gate)
    return world.advance(world.request(package(text)))


def walked(world: World, text: str = "two", gate: Gate = Gate.STAGE_FIRST) -> bool:
    """Whether it took the way itself."""
    before = len(walks)
    at_the_gate(world, text, gate)
    return len(walks) > before


@pytest.fixture(autouse=True)
def taken_before(world: World, request: pytest.FixtureRequest) -> None:
    """Some other test of this file went the way, and its traces are gone."""
    if not walks:
        walked(world)
        request.getfixturevalue("again")()


@pytest.fixture
def again(world: World, transactional_db: None) -> Callable[[], None]:
    """The next test, as far as the database and AWS can tell."""

    def clean() -> None:
        clean_database()
        world.aws.reset()
        world.people.clear()
        world.seeds.clear()
        world.__post_init__()
        world.seed()

    return clean


def test_it_goes_on_as_if_walked(world: World) -> None:
    assert not walked(world)
    release = Release.objects.get()
    assert release.state == ReleaseState.AWAITING_APPROVAL
    world.approve(release)
    assert world.advance(release).state == ReleaseState.RELEASED
    assert (world.versions(), world.live()) == (["1", "2"], "2")


def test_rows_lambda_and_packages_are_the_same(
    world: World, again: Callable[[], None], artifact_store: Path
) -> None:
    def seen() -> tuple[object, ...]:
        at_the_gate(world)
        packages = [path.read_bytes() for path in artifact_store.rglob("*") if path.is_file()]
        calls = [call.request_id for call in world.aws.calls.find()]
        return (list(AuditEvent.objects.values()), calls, world.latest()["RevisionId"], packages)

    first = seen()
    again()
    shutil.rmtree(artifact_store)
    assert seen() == first


def a_function(world: World) -> None:
    FunctionFactory.create(environment=world.environment)


def lost_a_role(world: World) -> None:
    User.objects.filter(pk=world.people["security"].pk).update(role=Role.VIEWER)


@pytest.mark.parametrize(
    "different",
    [
        pytest.param(lambda world: world.latest(), id="a call"),
        pytest.param(
            lambda world: FunctionFactory.create(environment=world.environment), id="a row"
        ),
        pytest.param(lambda world: Environment.objects.update(tier=Tier.STAGING), id="a place"),
        pytest.param(lost_a_role, id="a role"),
        pytest.param(lambda world: world.seed(aliases={"other": "1", "live": "1"}), id="a seed"),
        pytest.param(lambda world: world.aws.faults.add(Fault("Invoke", "drop")), id="a fault"),
        pytest.param(lambda world: setattr(world.aws.timing, "trail", 1.0), id="lateness"),
    ],
)
def test_it_is_walked_after(world: World, different: Callable[[World], None]) -> None:
    different(world)
    assert walked(world)


def test_it_is_walked_with_other_arguments(world: World) -> None:
    assert walked(world, "three")


def test_it_is_walked_at_another_time(world: World) -> None:
    with time_machine.travel("2031-01-01", tick=True):
        assert walked(world)


def test_it_is_walked_through_patched_code(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "attempt_step", settle.attempt_step)
    assert walked(world)


def test_it_is_walked_once_for_each_patched_value(
    world: World, again: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "PAUSES", (0.0,))
    assert walked(world)
    again()
    assert not walked(world)


def test_it_is_walked_under_other_settings(world: World, settings: object) -> None:
    settings.SLUICE_RELEASE_BUDGET = 77  # type: ignore[attr-defined]
    assert walked(world)
