"""The life of RevisionIds (facts A)."""

from tests.sandbox.cloud import Cloud


def test_becoming_active_changes_the_revision(cloud: Cloud) -> None:
    created = cloud.create()
    name = cloud.settle(created["FunctionName"])
    assert created["State"] == "Pending"
    assert cloud.get(name)["State"] == "Active"
    assert cloud.get(name)["RevisionId"] != created["RevisionId"]


def test_an_update_changes_it_at_once_and_again_when_it_ends(cloud: Cloud) -> None:
    name = cloud.function()
    before = cloud.get(name)["RevisionId"]
    updated = cloud.update(name)["RevisionId"]
    assert len({before, updated, cloud.get(name)["RevisionId"]}) == 3


def test_a_read_in_progress_shows_the_revision_of_the_answer(cloud: Cloud) -> None:
    name = cloud.function()
    updated = cloud.lambda_.update_function_configuration(FunctionName=name, Timeout=9)
    assert cloud.get(name)["RevisionId"] == updated["RevisionId"]
    assert cloud.get(name)["LastUpdateStatus"] == "InProgress"


def test_a_version_keeps_its_own_revision(cloud: Cloud) -> None:
    name = cloud.function()
    before = cloud.get(name)["RevisionId"]
    version = cloud.lambda_.publish_version(FunctionName=name)["RevisionId"]
    after = cloud.get(name)["RevisionId"]
    cloud.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    cloud.update(name)
    assert len({before, version, after}) == 3
    assert cloud.get(name, "1")["RevisionId"] == version


def test_a_create_that_publishes_gives_both_their_own(cloud: Cloud) -> None:
    created = cloud.create(Publish=True)
    name = cloud.settle(created["FunctionName"])
    assert cloud.get(name, "1")["RevisionId"] == created["RevisionId"]
    assert cloud.get(name)["RevisionId"] != created["RevisionId"]
    again = cloud.lambda_.publish_version(FunctionName=name)
    assert (again["Version"], again["RevisionId"]) == ("1", created["RevisionId"])


def test_reading_through_an_alias_shows_the_versions_revision(cloud: Cloud) -> None:
    name = cloud.published(1)
    alias = cloud.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert cloud.get(name, "live")["RevisionId"] == cloud.get(name, "1")["RevisionId"]
    assert cloud.get(name, "live")["RevisionId"] != alias["RevisionId"]


def test_a_redundant_configuration_update_is_an_update(cloud: Cloud) -> None:
    name = cloud.function(Timeout=7)
    before = cloud.get(name)["RevisionId"]
    updated = cloud.lambda_.update_function_configuration(FunctionName=name, Timeout=7)
    cloud.settle(name)
    assert updated["LastUpdateStatus"] == "InProgress"
    assert len({before, updated["RevisionId"], cloud.get(name)["RevisionId"]}) == 3


def test_listed_revisions_are_the_ones_read(cloud: Cloud) -> None:
    name = cloud.published(2)
    rows = cloud.lambda_.list_versions_by_function(FunctionName=name)["Versions"]
    read = [cloud.get(name, row["Version"])["RevisionId"] for row in rows]
    assert [row["RevisionId"] for row in rows] == read


def test_permissions_change_the_revision_of_what_they_hang_on(cloud: Cloud) -> None:
    name, client = cloud.function(), cloud.lambda_
    before = cloud.get(name)["RevisionId"]
    grant = {"StatementId": "s3", "Action": "lambda:InvokeFunction"}
    client.add_permission(FunctionName=name, Principal="s3.amazonaws.com", **grant)
    policy = client.get_policy(FunctionName=name)["RevisionId"]
    assert before != policy
    assert policy == cloud.get(name)["RevisionId"]
