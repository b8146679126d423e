"""Listing versions (facts G)."""

from tests.sandbox.cloud import Cloud, refused


def test_rows_do_not_tell_states(cloud: Cloud) -> None:
    name = cloud.published(1)
    rows = cloud.lambda_.list_versions_by_function(FunctionName=name)["Versions"]
    hidden = {"State", "StateReason", "LastUpdateStatus", "RuntimeVersionConfig"}
    assert not any(hidden & row.keys() for row in rows)


def test_the_last_row_of_the_last_page_is_the_newest(cloud: Cloud) -> None:
    name = cloud.published(5)
    pages = cloud.lambda_.get_paginator("list_versions_by_function")
    found = list(pages.paginate(FunctionName=name, PaginationConfig={"PageSize": 2}))
    assert [len(page["Versions"]) for page in found] == [2, 2, 2]
    assert found[-1]["Versions"][-1]["Version"] == "5"


def test_an_unknown_function_is_not_found(cloud: Cloud) -> None:
    assert refused(cloud.lambda_.list_versions_by_function, FunctionName="nobody").status == 404


def test_more_than_ten_thousand_rows_cannot_be_asked_for(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.list_versions_by_function, FunctionName="f", MaxItems=10001)
    assert refusal.code == "ValidationException"
    assert "at 'maxItems' failed" in refusal.message


def test_functions_are_listed_with_all_their_versions_when_asked(cloud: Cloud) -> None:
    keys = cloud.keys_of("555555555555")
    cloud.sandbox.seed.function("one", account="555555555555")
    client = cloud.client("lambda", **keys)
    assert [row["FunctionName"] for row in client.list_functions()["Functions"]] == ["one"]
    rows = client.list_functions(FunctionVersion="ALL")["Functions"]
    assert [row["FunctionArn"][-12:] for row in rows] == [":one:$LATEST"]
