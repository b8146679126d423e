"""UpdateFunctionCode: the three ways to hand over code, and what can come of a write."""

import hashlib
from io import BytesIO
from pathlib import Path

import pytest

from releases.aws import errors
from releases.aws.code import Code, ImageCode, InlineZip, S3Zip
from releases.aws.gateway import Gateway
from releases.aws.types import FunctionState
from sandbox.aws import AwsSandbox, Fault, Timing, zip_of
from tests.aws.packages import inline, sha256_of
from tests.aws.recorder import Recorder

NEW = zip_of("three")


def update(gateway: Gateway, name: str, code: Code, **given: str) -> FunctionState:
    revision_id = given.get("revision_id") or gateway.get_function(name).revision_id
    architecture = given.get("architecture", "x86_64")
    return gateway.update_code(name, code, architecture=architecture, revision_id=revision_id)


def test_bytes_are_sent_inline(gateway: Gateway, function: str, log: Recorder) -> None:
    state = update(gateway, function, inline(NEW), architecture="arm64")
    assert state.code_sha256 == sha256_of(NEW)
    assert state.architectures == ("arm64",)
    assert (log.last.is_write, log.last.http_status) == (True, 200)


def test_object_is_named_by_its_version(gateway: Gateway, aws: AwsSandbox, function: str) -> None:
    aws.seed.bucket("staging")
    digest = hashlib.sha256(NEW).hexdigest()
    version = gateway.put_package("staging", digest, BytesIO(NEW), sha256=digest, size=len(NEW))
    aws.seed.object("staging", digest, zip_of("replaced"))
    state = update(gateway, function, S3Zip("staging", digest, version, sha256_of(NEW)))
    assert state.code_sha256 == sha256_of(NEW)


def test_image_is_named_by_its_digest(gateway: Gateway, aws: AwsSandbox) -> None:
    aws.seed.function("api", code=aws.seed.image("api", "1"))
    image = gateway.resolve_image(aws.seed.image("api", "2"))
    digest = image.digest.removeprefix("sha256:")
    assert update(gateway, "api", ImageCode(image.uri, digest)).code_sha256 == digest


def test_damaged_package_is_not_sent(gateway: Gateway, function: str, aws: AwsSandbox) -> None:
    damaged = inline(NEW + b"!", claimed=sha256_of(NEW))
    with pytest.raises(errors.Permanent, match="The stored package is damaged") as caught:
        update(gateway, function, damaged, revision_id="any")
    assert "Upload the package again" in caught.value.advice
    assert not aws.calls.find(operation="UpdateFunctionCode")


def test_missing_package_is_a_sentence_too(gateway: Gateway, function: str, tmp_path: Path) -> None:
    gone = InlineZip(lambda: (tmp_path / "gone.zip").open("rb"), sha256_of(NEW))
    with pytest.raises(errors.Permanent, match="cannot be read: No such file") as caught:
        update(gateway, function, gone)
    assert str(tmp_path) not in str(caught.value)


def test_stale_revision_is_a_mismatch(gateway: Gateway, function: str) -> None:
    with pytest.raises(errors.RevisionMismatch, match="does not match the latest Revision Id"):
        update(gateway, function, inline(NEW), revision_id="stale")


def test_update_during_an_update_is_in_progress(
    gateway: Gateway, aws: AwsSandbox, function: str
) -> None:
    aws.timing = Timing(in_progress=60)
    state = update(gateway, function, inline(NEW))
    with pytest.raises(errors.InProgress):
        update(gateway, function, inline(NEW), revision_id=state.revision_id)


def test_what_is_not_a_zip_is_refused_for_good(gateway: Gateway, function: str) -> None:
    with pytest.raises(errors.Permanent, match="Could not unzip uploaded file"):
        update(gateway, function, inline(b"not a zip"))


@pytest.mark.parametrize("applied", [True, False])
def test_write_without_an_answer_is_sent_once_and_its_outcome_unknown(
    gateway: Gateway, aws: AwsSandbox, function: str, log: Recorder, applied: bool
) -> None:
    aws.faults.add(Fault("UpdateFunctionCode", "drop", after=applied))
    with pytest.raises(errors.OutcomeUnknown):
        update(gateway, function, inline(NEW))
    assert len(aws.calls.find(operation="UpdateFunctionCode")) == 1
    assert log.last.outcome == "lost"


def test_server_error_on_a_write_is_not_repeated_either(
    gateway: Gateway, aws: AwsSandbox, function: str
) -> None:
    aws.faults.add(Fault("UpdateFunctionCode", "error", status=500, times=9))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        update(gateway, function, inline(NEW))
    assert (caught.value.name, caught.value.http_status) == ("ServiceException", 500)
    assert len(aws.calls.find(operation="UpdateFunctionCode")) == 1


def test_throttled_write_was_not_done(gateway: Gateway, aws: AwsSandbox, function: str) -> None:
    aws.faults.add(Fault("UpdateFunctionCode", "error", status=429))
    with pytest.raises(errors.Throttled):
        update(gateway, function, inline(NEW))
    assert len(aws.calls.find(operation="UpdateFunctionCode")) == 1
