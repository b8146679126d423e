"""Functions, versions and aliases, as they are read."""

import pytest

from releases.aws import errors
from releases.aws.code import InlineZip
from releases.aws.gateway import Gateway
from releases.aws.types import Target
from sandbox.aws import AwsSandbox, Fault, SeedAlias, SeedVersion, Timing, zip_of
from tests.aws.conftest import REGION
from tests.aws.packages import inline
from tests.aws.recorder import Recorder


def test_function_is_read_with_its_configuration_and_its_code(
    gateway: Gateway, function: str
) -> None:
    state = gateway.get_function(function)
    assert (state.name, state.version, state.package_type) == (function, "$LATEST", "Zip")
    assert state.arn == f"arn:aws:lambda:{REGION}:123456789012:function:checkout"
    assert state.code_sha256 == inline(zip_of("two")).code_sha256
    assert state.configuration["Runtime"] == "python3.12"
    assert state.code_location
    assert state.is_usable


def test_version_and_alias_are_read_by_qualifier(gateway: Gateway, function: str) -> None:
    assert gateway.get_function(function, "2").description == "second"
    assert gateway.get_function(function, "live").version == "1"


def test_function_that_is_not_there_is_not_found(gateway: Gateway) -> None:
    with pytest.raises(errors.NotFound, match="Function not found: arn:aws:lambda"):
        gateway.get_function("nobody")


def test_running_update_shows_as_not_settled(
    gateway: Gateway, aws: AwsSandbox, function: str
) -> None:
    aws.timing = Timing(in_progress=60)
    before = gateway.get_function(function)
    gateway.update_code(
        function, inline(zip_of("three")), architecture="x86_64", revision_id=before.revision_id
    )
    state = gateway.get_function(function)
    assert (state.last_update_status, state.last_update_reason_code) == ("InProgress", "Creating")
    assert not state.is_settled


def test_all_pages_of_versions_are_listed_without_latest(
    gateway: Gateway, aws: AwsSandbox, log: Recorder
) -> None:
    aws.seed.function("busy", versions=[SeedVersion(zip_of(str(n))) for n in range(60)])
    listed = list(gateway.list_versions("busy"))
    assert [version.number for version in listed] == list(range(1, 61))
    assert [entry.operation for entry in log.entries] == ["ListVersionsByFunction"] * 2


def test_aliases_are_listed_with_their_weights(gateway: Gateway, aws: AwsSandbox) -> None:
    versions = [SeedVersion(zip_of("1")), SeedVersion(zip_of("2"))]
    aliases = {"live": SeedAlias("1", {"2": 0.1}, "customers"), "test": SeedAlias("2")}
    aws.seed.function("f", versions=versions, aliases=aliases)
    live, test = sorted(gateway.list_aliases("f"), key=lambda alias: alias.name)
    assert live.routing == {"version": "1", "weights": {"2": 0.1}}
    assert (live.description, test.version, test.weights) == ("customers", "2", {})


def test_alias_that_is_not_there_is_not_found(gateway: Gateway, function: str) -> None:
    with pytest.raises(errors.NotFound, match="Cannot find alias arn"):
        gateway.get_alias(function, "staging")


def test_function_of_another_account_is_refused_at_the_first_read(
    aws: AwsSandbox, function: str, log: Recorder
) -> None:
    elsewhere = Gateway(Target(account_id="999999999999", region=REGION), log=log)
    with pytest.raises(errors.Permanent, match="a function of account 123456789012") as caught:
        elsewhere.get_function(function)
    assert caught.value.name == "WrongAccount"


def test_throttled_read_is_retried_once_by_botocore_and_then_said_so(
    gateway: Gateway, aws: AwsSandbox, function: str
) -> None:
    aws.faults.add(Fault("GetAlias", "error", status=429, times=1))
    assert gateway.get_alias(function, "live").version == "1"
    aws.faults.add(Fault("GetAlias", "error", status=429, times=2))
    with pytest.raises(errors.Throttled, match="Rate exceeded"):
        gateway.get_alias(function, "live")


def test_read_that_gets_no_answer_is_unavailable(
    gateway: Gateway, aws: AwsSandbox, function: str, log: Recorder
) -> None:
    aws.faults.add(Fault("GetAlias", "drop", times=2))
    with pytest.raises(errors.Unavailable):
        gateway.get_alias(function, "live")
    assert log.last.outcome == "refused"


def test_dry_run_answers_the_hash_and_changes_nothing(
    gateway: Gateway, function: str, log: Recorder
) -> None:
    before = gateway.get_function(function)
    code: InlineZip = inline(zip_of("three"))
    answered = gateway.dry_run(
        function, code, architecture="x86_64", revision_id=before.revision_id
    )
    assert answered == code.code_sha256
    assert not log.last.is_write
    assert gateway.get_function(function).revision_id == before.revision_id
