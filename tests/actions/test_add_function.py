"""Add a function: by any of its names, with everything AWS knows, or with a precise refusal."""

from typing import Any

import pytest
from django.db import IntegrityError

from releases.actions.read_function import Reading, read
from releases.aws.errors import AwsError
from releases.aws.gateway import Gateway
from releases.errors import InvalidInput, NotAllowed
from releases.models import AuditEvent, Environment, Function
from releases.states import Gate
from sandbox.aws.seed import SeedVersion
from tests.factories import EnvironmentFactory, FunctionFactory
from tests.world import ACCOUNT, REGION, World, package


@pytest.mark.parametrize(
    "identifier",
    [
        "checkout",
        f"{ACCOUNT}:function:checkout",
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout",
        "  checkout ",
    ],
)
def test_every_name_format_finds_it(world: World, identifier: str) -> None:
    function = world.add(identifier=identifier)
    assert (function.name, function.live_version) == ("checkout", 1)


def test_all_pages_of_versions_are_imported(world: World) -> None:
    versions = [SeedVersion(code=package("one")) for _ in range(120)]
    world.seed(versions=versions, aliases={"live": "118", "canary": "119"})
    function = world.add()
    assert function.versions.count() == 120
    assert set(function.aliases.values_list("name", flat=True)) == {"live", "canary"}
    assert function.versions.get(was_live_when_added=True).number == 118


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"identifier": "a" * 65}, "identifier", "at most 64 characters; this one has 65"),
        ({"identifier": "bad name!"}, "identifier", "name"),
        ({"identifier": "checkout:3"}, "identifier", "Leave out"),
        (
            {"identifier": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:checkout"},
            "identifier",
            "Region us-east-1, but production is in Region eu-west-1",
        ),
        (
            {"identifier": "210987654321:function:checkout"},
            "identifier",
            "account 210987654321, but production is in account 123456789012",
        ),
        (
            {"identifier": f"arn:aws-cn:lambda:eu-west-1:{ACCOUNT}:function:checkout"},
            "identifier",
            "partition aws-cn, but production is in partition aws",
        ),
        ({"live_alias": "blue"}, "live_alias", "no alias named blue .it has: live."),
        ({"live_alias": "2024"}, "live_alias", "alias"),
    ],
)
def test_a_refusal_names_field_and_reason(
    world: World, more: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        world.add(**more)
    assert refused.value.field == field
    assert not Function.objects.exists()


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ({"status": 403, "code": "AccessDeniedException", "message": "not authorized"}, "Access"),
        ({"status": 403, "code": "ExpiredTokenException", "message": "expired"}, "Expired"),
    ],
)
def test_what_aws_refuses_is_passed_on(world: World, fault: dict[str, Any], name: str) -> None:
    from sandbox.aws.faults import Fault

    world.aws.faults.add(Fault("GetFunction", "error", times=5, **fault))
    with pytest.raises(AwsError, match=fault["message"]) as refused:
        world.add()
    assert name in refused.value.name and refused.value.advice


def test_an_unknown_function_is_not_found(world: World) -> None:
    with pytest.raises(AwsError, match="Function not found") as refused:
        world.add(identifier="chekout")
    assert refused.value.name == "ResourceNotFoundException"


def test_an_unreachable_endpoint_says_so(world: World, settings: Any) -> None:
    settings.SLUICE_AWS_ENDPOINT = "http://127.0.0.1:9"
    with pytest.raises(AwsError) as refused:
        world.add()
    assert refused.value.advice


def test_an_alias_may_be_created_by_the_first_release(world: World) -> None:
    world.alias = "stable"
    function = world.add(creates_alias=True)
    assert (function.live_alias, function.live_version) == ("stable", None)
    release = world.advance(world.request(package("two")))
    world.approve(release)
    world.advance(release)
    assert world.live() == "2"


def test_an_alias_that_exists_is_not_created(world: World) -> None:
    assert not world.add(creates_alias=True).creates_alias


def test_without_an_alias_a_release_ends_with_its_version(world: World) -> None:
    world.alias = ""
    world.seed()
    world.add()
    release = world.advance(world.request(package("two")))
    world.approve(release)
    assert world.advance(release).version_number == 2


def test_twice_is_refused(world: World) -> None:
    world.add()
    with pytest.raises(InvalidInput, match="already in production"):
        world.add()


@pytest.mark.parametrize(
    "identifier", ["checkout", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"]
)
def test_through_a_second_environment_it_is_refused(world: World, identifier: str) -> None:
    """Or the policy of the weaker environment would be a way round the other's."""
    world.add()
    weaker = EnvironmentFactory.create(name="sandbox", account_id=ACCOUNT, region=REGION)
    calls = len(world.aws.calls.find())
    with pytest.raises(InvalidInput, match=r"already in production, .* same account and Region"):
        world.add(environment=weaker, identifier=identifier)
    assert Function.objects.get().environment.name == "production"
    assert len(world.aws.calls.find()) == calls


def test_another_function_of_the_account_goes_into_a_second_environment(world: World) -> None:
    """An account that holds production and staging is common; each has its own policy."""
    world.add()
    world.name = "checkout-staging"
    world.seed()
    staging = EnvironmentFactory.create(name="staging", account_id=ACCOUNT, region=REGION)
    assert world.add(environment=staging).environment == staging


def test_the_database_keeps_one_function_of_one_arn(world: World) -> None:
    function = world.add()
    weaker = EnvironmentFactory.create(name="sandbox", account_id=ACCOUNT, region=REGION)
    with pytest.raises(IntegrityError, match="one_function_by_arn"):
        FunctionFactory.create(environment=weaker, name="other", arn=function.arn)


def test_an_environment_that_moves_meanwhile_gets_no_function(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its account and Region stay as soon as it holds one, whoever comes first."""

    def moved(gateway: Gateway, name: str) -> Reading:
        reading = read(gateway, name)
        Environment.objects.update(region="eu-central-1")
        return reading

    monkeypatch.setattr("releases.actions.add_function.read", moved)
    with pytest.raises(InvalidInput, match="was changed meanwhile"):
        world.add()
    assert not Function.objects.exists()


def test_a_developer_may_not(world: World) -> None:
    with pytest.raises(NotAllowed, match="Only administrators and release managers"):
        world.add(by=world.people["developer"])
    said = AuditEvent.objects.get(action="environment.refused").sentence
    assert said.startswith("developer was not allowed to add a function to production: Only ")


def test_it_is_in_the_history(world: World) -> None:
    world.add(gate=Gate.STAGE_FIRST)
    event = AuditEvent.objects.get(action="function.added")
    assert event.sentence == "admin added checkout to production"
