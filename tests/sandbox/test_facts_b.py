"""Stale RevisionIds are refused with 412 (facts B)."""

from typing import Any

import pytest

from sandbox.aws import zip_of
from tests.sandbox.cloud import Cloud, refused

STALE = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the {} API to retrieve the latest Revision Id"
)
GRANT = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
WRITES = [
    ("update_function_code", {"ZipFile": zip_of("b")}),
    ("update_function_configuration", {"Timeout": 9}),
    ("publish_version", {}),
    ("update_alias", {"Name": "live"}),
]


@pytest.mark.parametrize(("write", "params"), WRITES)
def test_every_write_compares(cloud: Cloud, write: str, params: dict[str, Any]) -> None:
    name = cloud.published(1)
    cloud.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    call = getattr(cloud.lambda_, write)
    refusal = refused(call, FunctionName=name, RevisionId="wrong", **params)
    assert (refusal.status, refusal.code) == (412, "PreconditionFailedException")
    assert refusal.message == STALE.format("GetFunction/GetAlias")


@pytest.mark.parametrize(("write", "grant"), [("add_permission", GRANT), ("remove_permission", {})])
def test_permissions_name_get_policy(cloud: Cloud, write: str, grant: dict[str, str]) -> None:
    params = {"FunctionName": cloud.function(), "StatementId": "s", "RevisionId": "x", **grant}
    refusal = refused(getattr(cloud.lambda_, write), **params)
    assert refusal.message == STALE.format("GetPolicy")


def test_an_alias_is_compared_with_its_own_revision(cloud: Cloud) -> None:
    name = cloud.published(1)
    cloud.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    latest = cloud.get(name)["RevisionId"]
    call = cloud.lambda_.update_alias
    assert refused(call, FunctionName=name, Name="live", RevisionId=latest).status == 412


def test_the_present_revision_is_accepted(cloud: Cloud) -> None:
    name = cloud.function()
    revision = cloud.get(name)["RevisionId"]
    assert cloud.update(name, RevisionId=revision)["LastUpdateStatus"] == "InProgress"


def test_unknown_comes_before_stale_and_stale_before_a_bad_zip(cloud: Cloud) -> None:
    update = cloud.lambda_.update_function_code
    assert refused(update, FunctionName="nobody", RevisionId="x", ZipFile=b"x").status == 404
    name = cloud.function()
    assert refused(update, FunctionName=name, RevisionId="x", ZipFile=b"x").status == 412
