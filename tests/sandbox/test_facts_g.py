"""Listing versions (facts G)."""

from typing import Any

import pytest

from sandbox.aws import SeedVersion
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


def test_a_listing_goes_on_after_a_row_that_is_gone(cloud: Cloud) -> None:
    name, client = cloud.published(4), cloud.lambda_
    page = client.list_versions_by_function(FunctionName=name, MaxItems=3)
    client.delete_function(FunctionName=name, Qualifier="2")
    rest = client.list_versions_by_function(FunctionName=name, Marker=page["NextMarker"])
    assert [row["Version"] for row in rest["Versions"]] == ["3", "4"]


def test_versions_are_in_the_order_of_their_numbers(cloud: Cloud) -> None:
    versions = [SeedVersion(number=number) for number in (10, 9, 2)]
    cloud.sandbox.seed.function("shuffled", versions=versions)
    pages = cloud.lambda_.get_paginator("list_versions_by_function")
    found = pages.paginate(FunctionName="shuffled", PaginationConfig={"PageSize": 1})
    rows = [row["Version"] for page in found for row in page["Versions"]]
    assert rows == ["$LATEST", "2", "9", "10"]


@pytest.mark.parametrize("every", [{}, {"FunctionVersion": "ALL"}])
def test_a_listing_goes_on_after_a_function_that_is_gone(
    cloud: Cloud, every: dict[str, Any]
) -> None:
    client = cloud.client("lambda", **cloud.keys_of("777777777777"))
    for name in ("a", "a-b", "ab", "b"):
        cloud.sandbox.seed.function(name, account="777777777777", versions=[SeedVersion()])
    page = client.list_functions(MaxItems=4 if every else 2, **every)
    client.delete_function(FunctionName="a-b")
    rest = client.list_functions(Marker=page["NextMarker"], **every)["Functions"]
    assert sorted({row["FunctionName"] for row in rest}) == ["ab", "b"]


@pytest.mark.parametrize("marker", ["nope", "bm9wZQ==", "not/base64", "é"])
def test_a_marker_that_nobody_gave_is_refused(cloud: Cloud, marker: str) -> None:
    call = cloud.lambda_.list_versions_by_function
    refusal = refused(call, FunctionName=cloud.function(), Marker=marker)
    assert (refusal.status, refusal.message) == (400, "Invalid Marker")
