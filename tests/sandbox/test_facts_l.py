"""Quotas (facts L)."""

import io
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox.aws import SeedVersion, zip_of
from tests.sandbox.cloud import ACCOUNT, ROLE, Cloud, refused

VERSIONS = [SeedVersion(), SeedVersion()]


def test_code_storage_counts_every_version(cloud: Cloud) -> None:
    keys = cloud.keys_of("444444444444")
    client = cloud.client("lambda", **keys)
    size = len(zip_of())
    cloud.sandbox.seed.function("three", account="444444444444", versions=VERSIONS)
    usage = client.get_account_settings()["AccountUsage"]
    assert usage == {"TotalCodeSize": 3 * size, "FunctionCount": 1}
    client.delete_function(FunctionName="three", Qualifier="1")
    assert client.get_account_settings()["AccountUsage"]["TotalCodeSize"] == 2 * size


def test_the_limits_are_awss_own(cloud: Cloud) -> None:
    limit = cloud.lambda_.get_account_settings()["AccountLimit"]
    assert limit["TotalCodeSize"] == 75 * 1024**3
    assert (limit["CodeSizeZipped"], limit["CodeSizeUnzipped"]) == (52_428_800, 262_144_000)


def test_fifteen_calls_a_second_when_asked_for(cloud: Cloud) -> None:
    cloud.sandbox.limits.rate = True
    # Ten at a time: one after the other they can take so long that there is nothing to refuse.
    with ThreadPoolExecutor(10) as threads:
        refusal = refused(
            lambda: list(threads.map(lambda _: cloud.lambda_.list_functions(MaxItems=1), range(90)))
        )
    assert (refusal.status, refusal.code) == (429, "TooManyRequestsException")
    assert (refusal.message, refusal.response["Reason"]) == (
        "Rate exceeded",
        "CallerRateLimitExceeded",
    )


def test_get_function_has_its_own_bucket(cloud: Cloud) -> None:
    name = cloud.function()
    cloud.sandbox.limits.rate = True
    for _ in range(60):
        cloud.lambda_.get_function(FunctionName=name)
    cloud.lambda_.list_functions()


def test_six_layers_are_one_too_many(cloud: Cloud) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:layer:shop:1"
    call = cloud.lambda_.update_function_configuration
    refusal = refused(call, FunctionName=cloud.function(), Layers=[arn] * 6)
    assert refusal.message == "Cannot reference more than 5 layers."


def test_the_environment_holds_four_kilobytes(cloud: Cloud) -> None:
    call = cloud.lambda_.update_function_configuration
    variables = {"Variables": {"BIG": "x" * 4096}}
    refusal = refused(call, FunctionName=cloud.function(), Environment=variables)
    big = "x" * 4096
    assert refusal.message.endswith(
        f'have provided exceeded the 4KB limit. String measured: {{"BIG":"{big}"}}'
    )


def test_the_environment_is_measured_as_json(cloud: Cloud) -> None:
    call, name = cloud.lambda_.update_function_configuration, cloud.function()
    fits = "x" * (4096 - len('{"BIG":""}'))
    more = refused(call, FunctionName=name, Environment={"Variables": {"BIG": f"{fits}x"}})
    assert "exceeded the 4KB limit" in more.message
    answer = call(FunctionName=name, Environment={"Variables": {"BIG": fits}})
    assert answer["LastUpdateStatus"] == "InProgress"


def test_reserved_variables_cannot_be_set(cloud: Cloud) -> None:
    variables = {"Variables": {"AWS_REGION": "x", "STAGE": "live", "AWS_LAMBDA_RUNTIME_API": "x"}}
    refusal = refused(cloud.create, Environment=variables)
    assert refusal.code == "InvalidParameterValueException"
    assert refusal.message.endswith(
        "contains reserved keys that are currently not supported for modification. "
        "Reserved keys used in this request: AWS_REGION, AWS_LAMBDA_RUNTIME_API"
    )


@pytest.fixture
def full(cloud: Cloud) -> str:
    """A function in an account and Region whose storage it fills; not yet published."""
    cloud.sandbox.seed.function("full", region="eu-north-1", code=zip_of("a"))
    cloud.sandbox.limits.code_storage = len(zip_of("a"))
    return "full"


FULL = (400, "CodeStorageExceededException", "Code storage limit exceeded.")


def full_refused(cloud: Cloud, call: str, **params: Any) -> tuple[int, str, str]:
    refusal = refused(getattr(cloud.client("lambda", "eu-north-1"), call), **params)
    return refusal.status, refusal.code, refusal.message


def test_a_version_counts_when_it_is_published(cloud: Cloud, full: str) -> None:
    assert full_refused(cloud, "publish_version", FunctionName=full) == FULL
    cloud.sandbox.limits.code_storage *= 2
    client = cloud.client("lambda", "eu-north-1")
    published = [client.publish_version(FunctionName=full)["Version"] for _ in range(2)]
    assert published == ["1", "1"]


def test_an_update_counts_what_it_replaces_as_freed(cloud: Cloud, full: str) -> None:
    update = cloud.client("lambda", "eu-north-1").update_function_code
    answer = update(FunctionName=full, ZipFile=zip_of("b"))
    assert answer["CodeSize"] == len(zip_of("a"))


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_update_that_publishes_counts_twice(cloud: Cloud, full: str, dry_run: bool) -> None:
    given = {"FunctionName": full, "ZipFile": zip_of("b"), "DryRun": dry_run}
    assert full_refused(cloud, "update_function_code", Publish=True, **given) == FULL
    larger = {**given, "ZipFile": zip_of("b and more " * 9)}
    assert full_refused(cloud, "update_function_code", **larger) == FULL


def test_a_create_that_publishes_counts_twice(cloud: Cloud) -> None:
    cloud.sandbox.limits.code_storage = 2 * len(zip_of("a")) - 1
    code, client = {"ZipFile": zip_of("a")}, cloud.client("lambda", "eu-north-1")
    new = {"FunctionName": "new", "Runtime": "python3.12", "Role": ROLE, "Handler": "index.handler"}
    client.delete_function(FunctionName="full")
    assert full_refused(cloud, "create_function", Code=code, Publish=True, **new) == FULL
    assert client.create_function(Code=code, **new)["State"] == "Pending"


def test_a_package_of_250_mb_is_never_whole_in_memory(cloud: Cloud) -> None:
    size, place = 240 << 20, {"S3Bucket": "large-packages", "S3Key": "large.zip"}
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("data.bin", bytes(size))
    cloud.sandbox.seed.bucket(place["S3Bucket"])
    cloud.sandbox.seed.object(place["S3Bucket"], place["S3Key"], package.getvalue())
    del package
    name = cloud.function()
    tracemalloc.start()
    try:
        answer = cloud.lambda_.update_function_code(FunctionName=name, **place)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer["CodeSize"] > size
    assert most < 16 << 20


def test_get_policy_has_its_own_bucket_of_fifteen(cloud: Cloud) -> None:
    name = cloud.function()
    cloud.lambda_.add_permission(
        FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal=ACCOUNT
    )
    cloud.sandbox.limits.rate = True
    call = cloud.lambda_.get_policy
    refusal = refused(lambda: [call(FunctionName=name) for _ in range(60)])
    assert refusal.status == 429
    assert refusal.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "1"
    cloud.lambda_.list_functions()


def test_the_request_limit_names_the_operation(cloud: Cloud) -> None:
    name, content = cloud.function(), bytes(70_167_211)
    refusal = refused(cloud.lambda_.update_function_code, FunctionName=name, ZipFile=content)
    assert (refusal.status, refusal.code) == (413, "RequestEntityTooLargeException")
    assert refusal.message == (
        "Request must be smaller than 70167211 bytes for the UpdateFunctionCode operation"
    )
