"""PublishVersion, by hash and revision."""

import pytest

from releases.aws import errors
from releases.aws.gateway import Gateway
from releases.aws.types import FunctionState
from sandbox.aws import AwsSandbox, Fault, zip_of
from tests.aws.packages import inline
from tests.aws.recorder import Recorder


def stage(gateway: Gateway, name: str) -> FunctionState:
    before = gateway.get_function(name)
    gateway.update_code(
        name, inline(zip_of("three")), architecture="x86_64", revision_id=before.revision_id
    )
    return gateway.get_function(name)


def publish(gateway: Gateway, state: FunctionState, **given: str) -> FunctionState:
    return gateway.publish(
        state.name,
        code_sha256=given.get("code_sha256", state.code_sha256),
        revision_id=given.get("revision_id", state.revision_id),
        description="R-1042",
    )


def test_new_version_is_what_was_staged(gateway: Gateway, function: str, log: Recorder) -> None:
    staged = stage(gateway, function)
    version = publish(gateway, staged)
    assert (version.version, version.description) == ("3", "R-1042")
    assert version.code_sha256 == staged.code_sha256
    assert (log.last.is_write, log.last.http_status) == (True, 201)


def test_configuration_of_the_version_is_that_of_latest_but_for_the_description(
    gateway: Gateway, function: str
) -> None:
    staged = stage(gateway, function)
    expected = {k: v for k, v in staged.configuration.items() if k != "Description"}
    assert publish(gateway, staged).configuration == expected


def test_nothing_changed_answers_the_version_that_is_there(gateway: Gateway, function: str) -> None:
    version = publish(gateway, gateway.get_function(function))
    assert (version.version, version.description) == ("2", "second")


def test_other_hash_is_refused_for_good(gateway: Gateway, function: str) -> None:
    with pytest.raises(errors.Permanent, match="is different from current CodeSHA256"):
        publish(gateway, stage(gateway, function), code_sha256="AAAA")


def test_stale_revision_is_a_mismatch(gateway: Gateway, function: str) -> None:
    with pytest.raises(errors.RevisionMismatch):
        publish(gateway, stage(gateway, function), revision_id="stale")


def test_lost_answer_does_not_publish_twice(
    gateway: Gateway, aws: AwsSandbox, function: str
) -> None:
    staged = stage(gateway, function)
    aws.faults.add(Fault("PublishVersion", "drop", after=True))
    with pytest.raises(errors.OutcomeUnknown):
        publish(gateway, staged)
    assert [version.number for version in gateway.list_versions(function)] == [1, 2, 3]
