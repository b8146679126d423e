"""PublishVersion (facts E)."""

from sandbox.aws import Fault
from tests.sandbox.cloud import Cloud, refused


def test_a_slow_publish_is_pending_without_an_update_status(cloud: Cloud) -> None:
    name = cloud.function()
    cloud.sandbox.timing.publish = 3600
    version = cloud.lambda_.publish_version(FunctionName=name)
    assert (version["State"], version.get("LastUpdateStatus")) == ("Pending", None)
    cloud.settle(name)
    assert cloud.get(name, "1")["State"] == "Active"


def test_a_snapshot_makes_every_publish_pending(cloud: Cloud) -> None:
    name = cloud.function(Runtime="java21", SnapStart={"ApplyOn": "PublishedVersions"})
    version = cloud.lambda_.publish_version(FunctionName=name)
    assert (version["State"], version.get("LastUpdateStatus")) == ("Pending", None)
    cloud.settle(name)
    found = cloud.get(name, "1")
    assert (found["State"], found["SnapStart"]["OptimizationStatus"]) == ("Active", "On")


def test_a_publish_may_fail_later(cloud: Cloud) -> None:
    name = cloud.function()
    cloud.sandbox.timing.publish = 3600
    cloud.sandbox.faults.add(Fault("PublishVersion", "fail_update", code="FunctionError"))
    cloud.lambda_.publish_version(FunctionName=name)
    cloud.settle(name)
    version = cloud.get(name, "1")
    assert (version["State"], version["StateReasonCode"]) == ("Failed", "FunctionError")


def test_another_hash_is_refused_with_both(cloud: Cloud) -> None:
    name = cloud.function()
    actual = cloud.get(name)["CodeSha256"]
    refusal = refused(cloud.lambda_.publish_version, FunctionName=name, CodeSha256="garbage")
    assert (refusal.status, refusal.code) == (400, "InvalidParameterValueException")
    assert refusal.message == (
        f"CodeSHA256 (garbage) is different from current CodeSHA256 in $LATEST ({actual}). "
        "Please try again with the CodeSHA256 in $LATEST."
    )


def test_the_right_hash_and_revision_publish(cloud: Cloud) -> None:
    name = cloud.function()
    seen = cloud.get(name)
    expected = {"CodeSha256": seen["CodeSha256"], "RevisionId": seen["RevisionId"]}
    version = cloud.lambda_.publish_version(FunctionName=name, **expected)
    assert version["Version"] == "1"


def test_a_new_function_cannot_be_published_while_pending(cloud: Cloud) -> None:
    name = cloud.create()["FunctionName"]
    refusal = refused(cloud.lambda_.publish_version, FunctionName=name)
    assert (refusal.status, refusal.code) == (409, "ResourceConflictException")


def test_gaps_stay_in_the_list(cloud: Cloud) -> None:
    name = cloud.published(3)
    cloud.lambda_.delete_function(FunctionName=name, Qualifier="2")
    rows = cloud.lambda_.list_versions_by_function(FunctionName=name)["Versions"]
    assert [row["Version"] for row in rows] == ["$LATEST", "1", "3"]


def test_an_unknown_function_is_not_found(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.publish_version, FunctionName="nobody")
    assert (refusal.status, refusal.code) == (404, "ResourceNotFoundException")


def test_an_empty_hash_is_another_hash(cloud: Cloud) -> None:
    name = cloud.function()
    refusal = refused(cloud.lambda_.publish_version, FunctionName=name, CodeSha256="")
    assert refusal.message.startswith("CodeSHA256 () is different from current CodeSHA256")
