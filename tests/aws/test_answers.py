"""What becomes of boto3's dictionaries."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from releases.aws.answers import alias_state, function_state, version_summary

ANSWER: dict[str, Any] = {
    "FunctionName": "checkout",
    "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:checkout",
    "Version": "$LATEST",
    "CodeSha256": "abc",
    "RevisionId": "r",
}


def test_field_that_sluice_does_not_know_is_kept_to_be_shown() -> None:
    state = function_state({**ANSWER, "TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}}, b"")
    assert state.extra == {"TenancyConfig": {"TenantIsolationMode": "PER_TENANT"}}


def test_what_is_kept_is_json_and_holds_no_secret() -> None:
    unknown = {
        "Since": datetime(2026, 1, 1, tzinfo=UTC),
        "Blob": b"bytes",
        "Deep": [{"Environment": {"Variables": {"TOKEN": "s3cret"}}, "Error": {"Message": "key"}}],
    }
    extra = function_state({**ANSWER, "New": unknown}, b"").extra
    assert json.loads(json.dumps(extra)) == {
        "New": {"Since": "2026-01-01T00:00:00+00:00", "Blob": "bytes", "Deep": [{}]}
    }


def test_known_fields_are_not_repeated_there() -> None:
    assert function_state({**ANSWER, "State": "Active", "MemorySize": 1}, b"").extra == {}


def test_version_still_being_made_has_no_update_status() -> None:
    state = function_state({**ANSWER, "Version": "3", "State": "Pending"}, b"")
    assert (state.last_update_status, state.is_settled) == ("", False)


def test_image_is_named_by_its_digest_when_aws_gave_one() -> None:
    code = {"ImageUri": "host/api:v1", "ResolvedImageUri": "host/api@sha256:1"}
    assert function_state(ANSWER, b"", code).image_uri == "host/api@sha256:1"


@pytest.mark.parametrize("missing", ANSWER)
def test_answer_without_what_is_needed_is_an_error(missing: str) -> None:
    answer = {key: value for key, value in ANSWER.items() if key != missing}
    with pytest.raises(KeyError):
        function_state(answer, b"")


def test_latest_is_not_a_version() -> None:
    with pytest.raises(ValueError, match="LATEST"):
        version_summary(ANSWER, b"")


def test_alias_without_routing_has_no_weights() -> None:
    answer = {"Name": "live", "FunctionVersion": "1", "RevisionId": "r"}
    assert alias_state(answer).weights == {}
