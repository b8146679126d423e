"""A gateway to the sandbox over real HTTP, and a record of what it said."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from releases.aws import budget, client
from releases.aws.gateway import Gateway
from releases.aws.types import Target
from sandbox.aws import DEFAULT_ACCOUNT, AwsSandbox, SeedVersion, Timing, zip_of
from tests.aws.recorder import Recorder

REGION = "us-east-1"
TARGET = Target(account_id=DEFAULT_ACCOUNT, region=REGION)


@pytest.fixture(scope="session")
def _aws() -> Iterator[AwsSandbox]:
    with AwsSandbox(timing=Timing.instant()) as sandbox:
        yield sandbox


@pytest.fixture
def aws(_aws: AwsSandbox, settings: Settings) -> Iterator[AwsSandbox]:
    settings.SLUICE_AWS_ENDPOINT = _aws.url
    settings.SLUICE_AWS_CALLS_PER_SECOND = 1000
    _aws.reset()
    yield _aws
    _aws.timing = Timing.instant()
    client.forget_clients()
    budget.forget()


@pytest.fixture
def log() -> Recorder:
    return Recorder()


@pytest.fixture
def gateway(aws: AwsSandbox, log: Recorder) -> Gateway:
    return Gateway(TARGET, log=log)


@pytest.fixture
def function(aws: AwsSandbox) -> str:
    """`checkout` with versions 1 and 2, of which `live` is 1."""
    versions = [SeedVersion(zip_of("one")), SeedVersion(zip_of("two"), description="second")]
    environment: dict[str, Any] = {"Environment": {"Variables": {"TOKEN": "s3cret-value"}}}
    aws.seed.function(
        "checkout", versions=versions, aliases={"live": "1"}, configuration=environment
    )
    return "checkout"
