"""Layers count towards the 250 MB that code may unzip to (facts L1)."""

import io
import urllib.request
import zipfile
from functools import cache
from typing import Any

import pytest

from sandbox.aws import zip_of
from tests.sandbox.cloud import Cloud, refused

LIMIT = 262_144_000


@cache
def blob(size: int) -> bytes:
    """A small zip of that many bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("blob", bytes(size))
    return buffer.getvalue()


def publish(cloud: Cloud, name: str, content: bytes | None = None, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = cloud.lambda_.publish_layer_version(
        LayerName=name, Content={"ZipFile": content or zip_of(name)}, **params
    )
    return answer


@pytest.fixture
def large(cloud: Cloud) -> str:
    """The ARN of a layer of 200 MB, unzipped."""
    return str(publish(cloud, "large", blob(200_000_000))["LayerVersionArn"])


def exceeds(actual: int) -> str:
    return (
        f"Function code combined with layers exceeds the maximum allowed size of {LIMIT} bytes. "
        f"The actual size is {actual} bytes."
    )


def test_a_published_layer_tells_its_version_size_and_hash(cloud: Cloud) -> None:
    first = publish(cloud, "told", Description="shared", CompatibleRuntimes=["python3.12"])
    second = publish(cloud, "told", zip_of("second"))
    assert (first["Version"], second["Version"]) == (1, 2)
    assert first["LayerVersionArn"] == f"{first['LayerArn']}:1"
    assert first["LayerArn"] == "arn:aws:lambda:us-east-1:123456789012:layer:told"
    assert first["Content"]["CodeSize"] == len(zip_of("told"))
    assert first["ResponseMetadata"]["HTTPStatusCode"] == 201
    by_arn = cloud.lambda_.get_layer_version_by_arn(Arn=first["LayerVersionArn"])
    by_number = cloud.lambda_.get_layer_version(LayerName="told", VersionNumber=1)
    for found in (by_arn, by_number):
        assert found["Content"]["CodeSha256"] == first["Content"]["CodeSha256"]
        assert (found["Description"], found["CompatibleRuntimes"]) == ("shared", ["python3.12"])


def test_a_layer_can_be_downloaded(cloud: Cloud) -> None:
    location = publish(cloud, "downloaded")["Content"]["Location"]
    with urllib.request.urlopen(location) as answer:
        assert answer.read() == zip_of("downloaded")


def test_layers_are_listed_newest_first_and_by_runtime(cloud: Cloud) -> None:
    publish(cloud, "listed", CompatibleRuntimes=["python3.12"])
    publish(cloud, "listed", CompatibleRuntimes=["nodejs22.x"])
    publish(cloud, "listed")
    call = cloud.lambda_.list_layer_versions
    assert [row["Version"] for row in call(LayerName="listed")["LayerVersions"]] == [3, 2, 1]
    first = call(LayerName="listed", MaxItems=2)
    rest = call(LayerName="listed", Marker=first["NextMarker"])["LayerVersions"]
    assert [row["Version"] for row in rest] == [1]
    fitting = call(LayerName="listed", CompatibleRuntime="python3.12")["LayerVersions"]
    assert [row["Version"] for row in fitting] == [1]
    latest = {row["LayerName"]: row for row in cloud.lambda_.list_layers()["Layers"]}["listed"]
    assert latest["LatestMatchingVersion"]["Version"] == 3


def test_what_a_layer_is_asked_for_is_checked_by_the_model(cloud: Cloud) -> None:
    call = cloud.lambda_.publish_layer_version
    content = {"ZipFile": zip_of("x")}
    refusal = refused(call, LayerName="a b", Content=content)
    assert (refusal.code, "at 'layerName'" in refusal.message) == ("ValidationException", True)
    refusal = refused(call, LayerName="x", Content=content, CompatibleRuntimes=["x"] * 16)
    assert "at 'compatibleRuntimes'" in refusal.message
    refusal = refused(call, LayerName="x", Content={"ZipFile": b"no zip"})
    assert refusal.message.startswith("Could not unzip uploaded file.")


@pytest.mark.parametrize(("number", "status"), [(9, 404), (0, 400), (-1, 400)])
def test_a_version_that_is_not_there(cloud: Cloud, number: int, status: int) -> None:
    publish(cloud, "missing")
    call = cloud.lambda_.get_layer_version
    assert refused(call, LayerName="missing", VersionNumber=number).status == status


@pytest.mark.parametrize("update", [False, True])
@pytest.mark.parametrize("arn", ["unknown:1", "known:2", "gone:1"])
def test_a_layer_that_does_not_exist_is_refused(cloud: Cloud, arn: str, update: bool) -> None:
    if not cloud.lambda_.list_layer_versions(LayerName="known")["LayerVersions"]:
        publish(cloud, "known")
        publish(cloud, "gone")
        cloud.lambda_.delete_layer_version(LayerName="gone", VersionNumber=1)
    arn = f"arn:aws:lambda:us-east-1:123456789012:layer:{arn}"
    if update:
        call = cloud.lambda_.update_function_configuration
        refusal = refused(call, FunctionName=cloud.function(), Layers=[arn])
    else:
        refusal = refused(cloud.create, Layers=[arn])
    assert (refusal.status, refusal.code) == (400, "InvalidParameterValueException")
    assert refusal.message == f"Layer version {arn} does not exist."


def test_a_layer_of_elsewhere_is_refused(cloud: Cloud) -> None:
    arn = "arn:aws:lambda:{}:{}:layer:shared:1"
    refusal = refused(cloud.create, Layers=[arn.format("eu-west-1", "123456789012")])
    assert refusal.message.endswith("Layers are expected to be in region us-east-1.")
    refusal = refused(cloud.create, Layers=[arn.format("us-east-1", "222222222222")])
    assert (refusal.status, refusal.code) == (403, "AccessDeniedException")


def test_one_version_of_a_layer_at_a_time(cloud: Cloud) -> None:
    arns = [publish(cloud, "twice", zip_of(each))["LayerVersionArn"] for each in ("a", "b")]
    assert refused(cloud.create, Layers=arns).message.startswith("Two different versions of the")


def test_an_attached_layer_is_shown_with_its_size(cloud: Cloud) -> None:
    published = publish(cloud, "shown")
    name = cloud.function(Layers=[published["LayerVersionArn"]])
    size = published["Content"]["CodeSize"]
    shown = [{"Arn": published["LayerVersionArn"], "CodeSize": size}]
    assert cloud.get(name)["Layers"] == shown
    cloud.lambda_.publish_version(FunctionName=name)
    cloud.lambda_.update_function_configuration(FunctionName=name, Layers=[])
    assert "Layers" not in cloud.get(name)
    assert cloud.get(name, "1")["Layers"] == shown


def test_layers_count_when_a_function_is_created(cloud: Cloud, large: str) -> None:
    content = blob(70_000_000)
    refusal = refused(cloud.create, Code={"ZipFile": content}, Layers=[large])
    assert (refusal.status, refusal.message) == (400, exceeds(270_000_000))
    assert cloud.create(Code={"ZipFile": blob(60_000_000)}, Layers=[large])["State"] == "Pending"


@pytest.mark.parametrize("dry_run", [False, True])
def test_layers_count_when_code_is_updated(cloud: Cloud, large: str, dry_run: bool) -> None:
    name, call = cloud.function(Layers=[large]), cloud.lambda_.update_function_code
    given = {"FunctionName": name, "DryRun": dry_run}
    assert refused(call, ZipFile=blob(70_000_000), **given).message == exceeds(270_000_000)
    assert call(ZipFile=blob(60_000_000), **given)["CodeSize"] == len(blob(60_000_000))


def test_layers_count_when_they_are_attached(cloud: Cloud, large: str) -> None:
    other = publish(cloud, "other", blob(80_000_000))["LayerVersionArn"]
    name, call = cloud.function(), cloud.lambda_.update_function_configuration
    refusal = refused(call, FunctionName=name, Layers=[large, other])
    assert refusal.message == exceeds(280_000_000 + len("a"))
    assert call(FunctionName=name, Layers=[large])["LastUpdateStatus"] == "InProgress"


def test_a_deleted_layer_stays_with_whoever_has_it(cloud: Cloud, large: str) -> None:
    name = cloud.function(Layers=[large])
    number = int(large.rpartition(":")[2])
    call = cloud.lambda_.delete_layer_version
    assert (
        call(LayerName="large", VersionNumber=number)["ResponseMetadata"]["HTTPStatusCode"] == 204
    )
    assert call(LayerName="large", VersionNumber=99)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert cloud.get(name)["Layers"][0]["Arn"] == large
    update = cloud.lambda_.update_function_code
    assert (
        "combined with layers"
        in refused(update, FunctionName=name, ZipFile=blob(70_000_000)).message
    )


def test_layers_take_code_storage(cloud: Cloud) -> None:
    client = cloud.client("lambda", "eu-south-1")
    content = zip_of("stored")
    client.publish_layer_version(LayerName="stored", Content={"ZipFile": content})
    usage = client.get_account_settings()["AccountUsage"]
    assert usage["TotalCodeSize"] == len(content)
    cloud.sandbox.limits.code_storage = len(content)
    refusal = refused(
        client.publish_layer_version, LayerName="stored", Content={"ZipFile": content}
    )
    assert refusal.code == "CodeStorageExceededException"
