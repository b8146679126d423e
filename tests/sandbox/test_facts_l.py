"""Quotas (facts L)."""

import io
import tracemalloc
import zipfile

from sandbox.aws import SeedVersion, zip_of
from tests.sandbox.cloud import Cloud, refused

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
    for _ in range(15):
        cloud.lambda_.list_functions()
    refusal = refused(lambda: [cloud.lambda_.list_functions() for _ in range(9)])
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
    assert "exceeded the 4KB limit" in refusal.message


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
