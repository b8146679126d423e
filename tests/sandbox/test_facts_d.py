"""Dry runs change nothing (facts D)."""

from sandbox.aws import zip_of
from tests.sandbox.cloud import Cloud


def test_nothing_is_changed(cloud: Cloud) -> None:
    name = cloud.function()
    before = cloud.get(name)
    cloud.lambda_.update_function_code(FunctionName=name, ZipFile=zip_of("b"), DryRun=True)
    after = cloud.get(name)
    assert {**before, "ResponseMetadata": 0} == {**after, "ResponseMetadata": 0}


def test_publish_publishes_nothing(cloud: Cloud) -> None:
    name = cloud.function()
    cloud.lambda_.update_function_code(
        FunctionName=name, ZipFile=zip_of("b"), DryRun=True, Publish=True
    )
    assert len(cloud.lambda_.list_versions_by_function(FunctionName=name)["Versions"]) == 1
