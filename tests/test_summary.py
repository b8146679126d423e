"""The one sentence for what a release changes."""

from typing import Any

import pytest

from releases.diff.summary import NOTHING
from releases.summary import summary

ROLE = "arn:aws:iam::123456789012:role/checkout"
LIVE: dict[str, Any] = {
    "MemorySize": 256,
    "Role": ROLE,
    "Environment": {"PAYMENTS_URL": "hmac:1:aaaa", "OLD": "hmac:1:bbbb"},
    "VpcConfig": {},
}


def said(code: str, **changes: Any) -> str:
    parts = {
        "baseline": {"configuration": LIVE},
        "candidate": {"configuration": LIVE | changes},
    }
    return summary(code, parts)


def test_files_settings_environment_and_role_in_one_sentence() -> None:
    environment = {"PAYMENTS_URL": "hmac:1:cccc", "OLD": "hmac:1:bbbb"}
    assert said("3 files changed, 1 added", MemorySize=512, Environment=environment) == (
        "3 files changed, 1 added; memory 256 → 512 MB;"
        " environment key PAYMENTS_URL changed; role unchanged"
    )


def test_no_digest_of_a_value_is_in_it() -> None:
    text = said("1 file changed", Environment={"NEW": "hmac:1:dddd"})
    assert "dddd" not in text and "hmac" not in text
    assert "environment key NEW added" in text and "environment key OLD removed" in text


def test_another_role_is_said_last() -> None:
    assert said("1 file changed", Role=f"{ROLE}-admin", MemorySize=128).endswith(
        "memory 256 → 128 MB; role changed"
    )


def test_nothing_else_than_files() -> None:
    assert said("1 file added") == "1 file added; configuration unchanged"


def test_nothing_at_all() -> None:
    assert said(NOTHING) == NOTHING


def test_only_the_configuration() -> None:
    assert said(NOTHING, MemorySize=512).startswith("code unchanged; memory 256 → 512 MB")


def test_a_setting_that_was_not_there_before() -> None:
    assert "VPC added" in said("1 file changed", VpcConfig={"SubnetIds": ["subnet-" + "1" * 40]})


def test_an_environment_that_aws_could_not_decrypt_is_unknown() -> None:
    text = said("1 file changed", Environment={"!unreadable": "AccessDenied"})
    assert "environment unknown: AWS could not decrypt it" in text


@pytest.mark.parametrize("code", ["first package", "first image"])
def test_with_nothing_live_there_is_nothing_to_compare_settings_with(code: str) -> None:
    assert summary(code, {"baseline": {"kind": "none"}, "candidate": {}}) == code
