"""The budget of calls: shared, with a part kept for rollbacks, and never dependent on Redis."""

import socket
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from pytest_django.fixtures import Settings

from releases.aws import budget, client
from releases.aws.budget import wait_for_turn
from releases.aws.client import AwsSettings
from releases.aws.errors import Throttled
from releases.aws.gateway import Gateway
from releases.aws.types import Target
from sandbox.aws import AwsSandbox
from tests.aws.conftest import TARGET as SANDBOX
from tests.aws.recorder import Recorder

TARGET = Target("123456789012", "eu-west-1")
NOBODY = "redis://127.0.0.1:9/0"


still = pytest.mark.usefixtures("_still")


class Waited(Exception):
    """Raised in place of sleeping."""


def refuse_to_sleep(seconds: float) -> None:
    raise Waited


@pytest.fixture
def config() -> Iterator[AwsSettings]:
    """Fifteen calls a second in a bucket of this test's own."""
    budget.forget()
    prefix = f"test-{uuid.uuid4().hex}"
    yield replace(client.aws_settings(), calls_per_second=15, redis_prefix=prefix)
    budget.forget()


def made_at_once(
    config: AwsSettings,
    *,
    urgent: bool = False,
    operation: str = "GetAlias",
    target: Target = TARGET,
) -> int:
    """How many calls go through before one has to wait."""
    for count in range(200):
        try:
            wait_for_turn(target, operation, urgent=urgent, settings=config, sleep=refuse_to_sleep)
        except Waited:
            return count
    return 200


@pytest.fixture
def _still() -> Iterator[None]:
    """No second passes while calls are counted, however slow the machine is."""
    with time_machine.travel(time.time(), tick=False):
        yield


@pytest.fixture(params=["redis", "process"])
def either(request: pytest.FixtureRequest, config: AwsSettings) -> AwsSettings:
    return config if request.param == "redis" else replace(config, redis_url=NOBODY)


@still
def test_three_of_fifteen_are_kept_for_rollbacks(either: AwsSettings) -> None:
    assert made_at_once(either) == 12
    assert made_at_once(either, urgent=True) == 3
    assert made_at_once(either) == 0


@still
def test_rollbacks_count_against_the_same_limit(either: AwsSettings) -> None:
    assert made_at_once(either, urgent=True) == 15
    assert made_at_once(either) == 0


@still
def test_get_function_and_get_policy_have_buckets_of_their_own(either: AwsSettings) -> None:
    assert made_at_once(either) == 12
    assert made_at_once(either, operation="GetPolicy") == 12
    assert made_at_once(either, operation="GetFunction", urgent=True) == 100


@still
def test_accounts_and_regions_do_not_share(config: AwsSettings) -> None:
    assert made_at_once(config) == 12
    assert made_at_once(config, target=replace(TARGET, region="eu-west-2")) == 12
    assert made_at_once(config, target=replace(TARGET, account_id="999999999999")) == 12


@still
def test_roles_in_one_account_share(config: AwsSettings) -> None:
    assert made_at_once(config) == 12
    assert made_at_once(config, target=replace(TARGET, role_arn="arn:aws:iam::1:role/x")) == 0


@still
def test_tiny_budget_still_lets_one_through(config: AwsSettings) -> None:
    assert made_at_once(replace(config, calls_per_second=2)) == 1


def test_turn_comes_when_a_second_has_passed(config: AwsSettings) -> None:
    started = time.monotonic()
    made_at_once(config)
    wait_for_turn(TARGET, "GetAlias", urgent=False, settings=config)
    assert time.monotonic() - started > 0.95


@still
def test_waiting_ends_as_throttled(config: AwsSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    made_at_once(config, urgent=True)
    monkeypatch.setattr(budget, "MAX_WAIT", 0.0)
    with pytest.raises(Throttled, match="used up its 12 calls a second to Lambda") as caught:
        wait_for_turn(TARGET, "GetAlias", urgent=False, settings=config)
    assert (caught.value.name, caught.value.operation) == ("CallBudgetUsedUp", "GetAlias")


def test_lambda_has_no_reason_to_throttle_those_who_keep_to_the_budget(
    aws: AwsSandbox, function: str, log: Recorder, settings: Settings
) -> None:
    settings.SLUICE_AWS_CALLS_PER_SECOND = 15
    settings.REDIS_PREFIX = f"test-{uuid.uuid4().hex}"
    aws.limits.rate = True
    gateway = Gateway(SANDBOX, log=log)
    for _ in range(20):
        gateway.get_alias(function, "live")
    assert all(call.status == 200 for call in aws.calls.find(operation="GetAlias"))


def test_redis_that_says_nothing_costs_one_short_try(config: AwsSettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        deaf = replace(config, redis_url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        started = time.monotonic()
        made_at_once(deaf, urgent=True)
        assert time.monotonic() - started < 10 * budget.REDIS_TIMEOUT


@still
def test_redis_is_asked_again_after_a_rest(
    config: AwsSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made_at_once(config) == 12
    monkeypatch.setattr(budget, "_down_until", time.monotonic() + 60)
    assert made_at_once(config) == 12
    monkeypatch.setattr(budget, "_down_until", 0.0)
    assert made_at_once(config) == 0
