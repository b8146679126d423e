"""Nothing secret is in what is logged, recorded, shown or raised."""

import logging
import traceback
from dataclasses import replace

import pytest

from releases.aws import client, errors
from releases.aws.gateway import Gateway
from sandbox.aws import AwsSandbox, Fault, zip_of
from tests.aws.packages import inline
from tests.aws.recorder import Recorder

VALUE = "s3cret-value"


def test_environment_values_and_addresses_are_in_no_log_record_or_repr(
    gateway: Gateway, function: str, log: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    state = gateway.get_function(function)
    versions = list(gateway.list_versions(function))
    list(gateway.download_code(state, limit=1 << 20))
    gateway.update_code(
        function, inline(zip_of("new")), architecture="x86_64", revision_id=state.revision_id
    )
    told = caplog.text + repr(log.entries) + repr(state) + repr(versions)
    assert VALUE not in told
    assert "X-Amz-Signature" not in told
    assert state.configuration["Environment"].keys() == {"TOKEN"}


def test_settings_show_no_key() -> None:
    shown = repr(replace(client.aws_settings(), digest_key=b"k3y", redis_url="redis://:pw@x"))
    assert "k3y" not in shown
    assert "pw" not in shown


def test_lost_write_shows_no_code_in_its_traceback(
    gateway: Gateway, aws: AwsSandbox, function: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    aws.faults.add(Fault("UpdateFunctionCode", "drop"))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        gateway.update_code(
            function, inline(b"PK-package-bytes"), architecture="x86_64", revision_id="r"
        )
    told = caplog.text + "".join(traceback.format_exception(caught.value))
    assert "PK-package-bytes" not in told
    assert "UEstcGFja2FnZS1ieXRlcw" not in told
