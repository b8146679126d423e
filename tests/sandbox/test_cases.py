"""Every recorded or documented case, replayed over HTTP with boto3."""

from typing import Any

import pytest

from tests.sandbox.cloud import Cloud
from tests.sandbox.conformance import CASES, Runner


@pytest.fixture(scope="module")
def runner(_cloud: Cloud) -> Runner:
    return Runner(_cloud)


@pytest.mark.parametrize("case", [pytest.param(c, id=f"{c['id']} {c['title']}") for c in CASES])
def test_case(cloud: Cloud, runner: Runner, case: dict[str, Any]) -> None:
    assert runner.run(case) == []
