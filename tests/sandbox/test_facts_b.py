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


@pytest.mark.parametrize(("write", "params"), WRITES)
def test_an_empty_revision_is_a_revision(cloud: Cloud, write: str, params: dict[str, Any]) -> None:
    name = cloud.published(1)
    cloud.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    call = getattr(cloud.lambda_, write)
    assert refused(call, FunctionName=name, RevisionId="", **params).status == 412


def permission_refused(cloud: Cloud, write: str, name: str, **params: Any) -> tuple[int, str]:
    given = {"FunctionName": name, "StatementId": "s", **params}
    refusal = refused(getattr(cloud.lambda_, write), **given)
    return refusal.status, refusal.message


def test_latest_takes_no_policy_by_name(cloud: Cloud) -> None:
    found = permission_refused(cloud, "add_permission", "nobody", Qualifier="$LATEST", **GRANT)
    assert found == (400, "We currently do not support adding policies for $LATEST.")


@pytest.mark.parametrize("principal", ["somebody", "12345", "1234567890123"])
def test_a_principal_is_an_account_an_arn_or_a_service(cloud: Cloud, principal: str) -> None:
    given = {**GRANT, "Principal": principal}
    text = "The provided principal was invalid. Please check the principal and try again."
    assert permission_refused(cloud, "add_permission", cloud.function(), **given) == (400, text)


@pytest.mark.parametrize(("write", "grant"), [("add_permission", GRANT), ("remove_permission", {})])
def test_a_missing_alias_and_a_missing_version_are_told_apart(
    cloud: Cloud, write: str, grant: dict[str, str]
) -> None:
    name = cloud.function()
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    alias = permission_refused(cloud, write, name, Qualifier="live", **grant)
    version = permission_refused(cloud, write, name, Qualifier="7", **grant)
    assert alias == (404, f"Cannot find alias arn: {arn}:live")
    assert version == (404, f"Function not found: {arn}:7")


def test_a_policy_that_is_not_there(cloud: Cloud) -> None:
    name = cloud.function()
    none = permission_refused(cloud, "remove_permission", name)
    arn = "arn:aws:lambda:us-east-1:123456789012:function:nobody"
    assert none == (404, "No policy is associated with the given resource.")
    assert permission_refused(cloud, "remove_permission", "nobody")[1] == (
        f"No policy found for: {arn}"
    )
    cloud.lambda_.add_permission(FunctionName=name, StatementId="other", **GRANT)
    missing = permission_refused(cloud, "remove_permission", name)
    assert missing == (404, "Statement s is not found in resource policy.")


@pytest.mark.parametrize("asked", [{"FunctionName": "nobody"}, {"Qualifier": "7"}, {}])
def test_reading_a_policy_that_is_not_there(cloud: Cloud, asked: dict[str, str]) -> None:
    refusal = refused(cloud.lambda_.get_policy, **{"FunctionName": cloud.function(), **asked})
    text = "The resource you requested does not exist."
    assert (refusal.status, refusal.message) == (404, text)


@pytest.mark.parametrize("revision_id", ["wrong", "x" * 500])
def test_a_revision_has_no_format(cloud: Cloud, revision_id: str) -> None:
    call = cloud.lambda_.publish_version
    assert refused(call, FunctionName=cloud.function(), RevisionId=revision_id).status == 412
