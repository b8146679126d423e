"""Credentials, timeouts and retries: what each client is made with."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from releases.aws import client, errors
from releases.aws.gateway import Gateway
from releases.aws.types import Target
from sandbox.aws import AwsSandbox, Fault
from tests.aws.conftest import REGION, TARGET
from tests.aws.recorder import Recorder

OTHER_ACCOUNT = "222222222222"
ROLE = Target(OTHER_ACCOUNT, REGION, f"arn:aws:iam::{OTHER_ACCOUNT}:role/sluice", "ext-1")


@pytest.fixture(autouse=True)
def _fresh_clients() -> Iterator[None]:
    client.forget_clients()
    yield
    client.forget_clients()


def test_writes_are_sent_once_and_reads_twice_at_most(aws: AwsSandbox) -> None:
    write = client.client_for(TARGET, "lambda", is_write=True).meta.config
    read = client.client_for(TARGET, "lambda", is_write=False).meta.config
    assert (write.retries["total_max_attempts"], read.retries["total_max_attempts"]) == (1, 2)
    assert (write.connect_timeout, write.read_timeout, read.read_timeout) == (3, 60, 30)
    assert "sluice" in write.user_agent


def test_client_is_made_once_for_all_threads(aws: AwsSandbox) -> None:
    found: list[Any] = []

    def ask() -> None:
        found.append(client.client_for(TARGET, "lambda", is_write=False))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(made) for made in found}) == 1


def test_sandbox_reads_nothing_of_anybodys_account(
    aws: AwsSandbox, function: str, log: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(
        "[profile mine]\nregion = mars\nendpoint_url = http://x.test\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "absent")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert Gateway(TARGET, log=log).get_function(function).name == function
    made = client.client_for(TARGET, "lambda", is_write=False)
    assert made._request_signer._credentials.access_key == "testing"


def test_missing_credentials_are_said_before_anything_is_sent(
    settings: Settings, log: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SLUICE_AWS_ENDPOINT = ""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    for name in [name for name in os.environ if name.startswith("AWS_ACCESS")]:
        monkeypatch.delenv(name)
    with pytest.raises(errors.CredentialsProblem, match="Unable to locate credentials") as caught:
        Gateway(TARGET, log=log).create_alias("f", "live", version="1")
    assert "Whoever runs Sluice" in caught.value.advice
    assert log.entries == []


def test_role_leads_into_its_account(aws: AwsSandbox, log: Recorder) -> None:
    aws.seed.function("far", account=OTHER_ACCOUNT)
    far = Gateway(ROLE, log=log)
    assert OTHER_ACCOUNT in far.get_function("far").arn
    far.get_function("far")
    assert len(aws.calls.find(operation="AssumeRole")) == 1
    assert [entry.operation for entry in log.entries] == ["GetFunction"] * 2


def test_role_that_refuses_is_a_problem_of_credentials(aws: AwsSandbox, log: Recorder) -> None:
    said = "User: arn:aws:iam::1:user/sluice is not authorized to perform: sts:AssumeRole"
    aws.faults.add(Fault("AssumeRole", "error", status=403, code="AccessDenied", message=said))
    with pytest.raises(errors.CredentialsProblem) as caught:
        Gateway(ROLE, log=log).create_alias("f", "live", version="1")
    assert ROLE.role_arn in str(caught.value)
    assert said in str(caught.value)
    assert "external id" in caught.value.advice
    assert log.entries == []


def test_throttled_role_is_to_be_tried_again(aws: AwsSandbox, log: Recorder) -> None:
    aws.faults.add(Fault("AssumeRole", "error", status=400, code="Throttling", times=2))
    with pytest.raises(errors.Throttled):
        Gateway(ROLE, log=log).get_alias("f", "live")


def test_expired_credentials_are_not_blamed_on_the_role(aws: AwsSandbox, log: Recorder) -> None:
    aws.faults.add(Fault("AssumeRole", "error", status=403, code="ExpiredToken"))
    with pytest.raises(errors.CredentialsProblem) as caught:
        Gateway(ROLE, log=log).get_alias("f", "live")
    assert (caught.value.name, caught.value.operation) == ("ExpiredToken", "AssumeRole")
    assert "expired or not valid" in caught.value.advice


def test_threads_share_one_assumed_role(aws: AwsSandbox, log: Recorder) -> None:
    aws.seed.function("far", account=OTHER_ACCOUNT)

    def read(_: int) -> str:
        return Gateway(ROLE, log=log).get_function("far").name

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(16))) == ["far"] * 16
    assert len(aws.calls.find(operation="AssumeRole")) == 1


def test_role_that_cannot_be_asked_leaves_no_write_in_doubt(aws: AwsSandbox, log: Recorder) -> None:
    aws.faults.add(Fault("AssumeRole", "drop", times=9))
    with pytest.raises(errors.Unavailable):
        Gateway(ROLE, log=log).create_alias("f", "live", version="1")


def test_targets_with_other_external_ids_do_not_share_credentials(aws: AwsSandbox) -> None:
    one = client.client_for(ROLE, "lambda", is_write=False)
    assert client.client_for(replace(ROLE, external_id="2"), "lambda", is_write=False) is not one


def test_region_that_cannot_be_is_refused_in_words(aws: AwsSandbox, log: Recorder) -> None:
    with pytest.raises(errors.Permanent, match="match a supported format"):
        Gateway(Target("123456789012", "not a region"), log=log).get_alias("f", "live")


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forked_child_starts_without_its_parents_clients(aws: AwsSandbox) -> None:
    client.client_for(TARGET, "lambda", is_write=False)
    child = os.fork()
    if child == 0:
        os._exit(1 if client._clients or client._sessions else 0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_warming_keeps_no_client() -> None:
    client.warm.cache_clear()
    client.warm()
    assert not client._clients
    assert not client._sessions


def test_the_session_made_by_warming_serves_one_source_and_keeps_no_credentials_of_its_own(
    aws: AwsSandbox,
) -> None:
    client.forget_clients()
    client.warm.cache_clear()
    client.warm()
    made = client._unused[True]
    first = client._session(TARGET, aws.url)
    second = client._session(replace(TARGET, region="eu-west-2"), aws.url)
    assert (first._session is made, second._session is made) == (True, False)
    found = first.get_credentials()
    assert found and found.access_key == "testing"
