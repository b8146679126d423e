"""One sandbox for all tests; nothing in it settles before a test says so."""

from collections.abc import Iterator

import pytest

from sandbox.aws import AwsSandbox, Timing
from tests.sandbox.cloud import Cloud


@pytest.fixture(scope="session")
def _cloud() -> Iterator[Cloud]:
    with AwsSandbox() as sandbox:
        yield Cloud(sandbox)
        sandbox.reset()


@pytest.fixture
def cloud(_cloud: Cloud) -> Iterator[Cloud]:
    _cloud.sandbox.timing = Timing(in_progress=3600, pending=3600, publish=0)
    yield _cloud
    _cloud.sandbox.faults.clear()
    _cloud.sandbox.limits.reset()
