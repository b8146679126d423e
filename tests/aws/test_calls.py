"""What surrounds every call: the guard, the record, the credentials."""

import pytest
from pytest_django.fixtures import Settings

from releases.aws import client, errors
from releases.aws.calls import Caller
from releases.aws.gateway import Gateway
from sandbox.aws import AwsSandbox
from tests.aws.conftest import TARGET
from tests.aws.packages import inline
from tests.aws.recorder import Recorder


class InTransactionError(Exception):
    """What a guard raises."""


def refuse() -> None:
    raise InTransactionError


def test_guard_stops_a_call_before_anything_else(
    aws: AwsSandbox, function: str, log: Recorder
) -> None:
    guarded = Gateway(TARGET, log=log, guard=refuse)
    with pytest.raises(InTransactionError):
        guarded.get_function(function)
    with pytest.raises(InTransactionError):
        next(guarded.list_versions(function))
    assert log.entries == []
    assert aws.calls.find() == []


def test_download_is_guarded_too(gateway: Gateway, function: str, log: Recorder) -> None:
    state = gateway.get_function(function)
    with pytest.raises(InTransactionError):
        Gateway(TARGET, log=log, guard=refuse).download_code(state, limit=1000)


def test_read_is_recorded_with_request_id_and_status(
    gateway: Gateway, aws: AwsSandbox, function: str, log: Recorder
) -> None:
    gateway.get_function(function, "live")
    entry = log.last
    assert entry.request == {"FunctionName": function, "Qualifier": "live"}
    assert (entry.operation, entry.is_write) == ("GetFunction", False)
    assert (entry.outcome, entry.http_status) == ("answered", 200)
    assert entry.request_id == aws.calls.find(operation="GetFunction")[0].request_id


def test_refusal_is_recorded_with_the_error(gateway: Gateway, log: Recorder) -> None:
    with pytest.raises(errors.NotFound) as caught:
        gateway.get_function("nobody")
    assert (log.last.outcome, log.last.error) == ("refused", caught.value)
    assert caught.value.operation == "GetFunction"
    assert caught.value.request_id


def test_code_is_recorded_by_its_hash(gateway: Gateway, function: str, log: Recorder) -> None:
    code = inline(b"not a zip")
    revision_id = gateway.get_function(function).revision_id
    with pytest.raises(errors.Permanent):
        gateway.update_code(function, code, architecture="arm64", revision_id=revision_id)
    assert log.last.request == {
        "FunctionName": function,
        "RevisionId": revision_id,
        "Architectures": ["arm64"],
        "ZipFile": f"bytes with CodeSha256 {code.code_sha256}",
    }


def test_endpoint_that_nobody_listens_on_is_unreachable_and_nothing_is_in_doubt(
    settings: Settings, log: Recorder
) -> None:
    settings.SLUICE_AWS_ENDPOINT = "http://127.0.0.1:9"
    with pytest.raises(errors.Unreachable, match="Could not connect"):
        Gateway(TARGET, log=log).create_alias("f", "live", version="1")
    assert log.last.outcome == "refused"
    client.forget_clients()


@pytest.mark.parametrize(
    ("is_write", "expected"), [(True, errors.OutcomeUnknown), (False, errors.Unavailable)]
)
def test_success_that_lacks_what_it_must_have_is_not_believed(
    aws: AwsSandbox, log: Recorder, is_write: bool, expected: type[errors.AwsError]
) -> None:
    nothing = {"guard": lambda: None, "before_write": lambda: None}
    caller = Caller(TARGET, log=log, urgent=False, **nothing)
    page = {"message": "<html>", "ResponseMetadata": {"HTTPStatusCode": 200}}
    with pytest.raises(expected, match="not one that AWS gives"):
        caller.record("X", {}, lambda: page, lambda answer: answer["RevisionId"], is_write=is_write)


def test_error_carries_nothing_of_botocore_along(gateway: Gateway) -> None:
    with pytest.raises(errors.NotFound) as caught:
        gateway.get_function("nobody")
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_write_asks_last_of_all_and_a_read_does_not(aws: AwsSandbox, log: Recorder) -> None:
    def taken_over() -> None:
        raise RuntimeError("taken over by another worker")

    gateway = Gateway(TARGET, log=log, before_write=taken_over)
    with pytest.raises(errors.NotFound):
        gateway.get_alias("nobody", "live")
    with pytest.raises(RuntimeError, match="taken over"):
        gateway.create_alias("nobody", "live", version="1")
    assert log.last.operation == "GetAlias"
