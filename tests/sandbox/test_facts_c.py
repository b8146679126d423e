"""UpdateFunctionCode: what it answers and what it refuses (facts C)."""

import base64
import hashlib
import urllib.request
from typing import Any

from sandbox.aws import Fault, zip_of
from tests.sandbox.cloud import Cloud, refused

KEYS = {
    *("Architectures", "CodeSha256", "CodeSize", "Description", "EphemeralStorage"),
    *("FunctionArn", "FunctionName", "Handler", "LastModified", "LastUpdateStatus"),
    *("LastUpdateStatusReason", "LastUpdateStatusReasonCode", "LoggingConfig", "MemorySize"),
    *("PackageType", "RevisionId", "Role", "Runtime", "RuntimeVersionConfig", "SnapStart"),
    *("State", "Timeout", "TracingConfig", "Version"),
}


def update_refused(cloud: Cloud, name: str, **params: Any) -> tuple[str, str]:
    refusal = refused(cloud.lambda_.update_function_code, FunctionName=name, **params)
    return refusal.code, refusal.message


def download(cloud: Cloud, name: str, qualifier: str) -> bytes:
    code = cloud.lambda_.get_function(FunctionName=name, Qualifier=qualifier)["Code"]
    with urllib.request.urlopen(code["Location"]) as answer:
        content: bytes = answer.read()
    return content


def test_the_keys_of_the_answer(cloud: Cloud) -> None:
    answer = cloud.update(cloud.function())
    assert answer.keys() - {"ResponseMetadata"} == KEYS


def test_the_hash_is_the_new_one_while_in_progress(cloud: Cloud) -> None:
    answer = cloud.lambda_.update_function_code(FunctionName=cloud.function(), ZipFile=zip_of("b"))
    digest = base64.b64encode(hashlib.sha256(zip_of("b")).digest()).decode()
    assert answer["LastUpdateStatus"] == "InProgress"
    assert (answer["CodeSha256"], answer["CodeSize"]) == (digest, len(zip_of("b")))


def test_a_failed_update_keeps_the_previous_code(cloud: Cloud) -> None:
    name = cloud.function()
    before = cloud.get(name)
    fault = Fault("UpdateFunctionCode", "fail_update", code="InvalidZipFileException")
    cloud.sandbox.faults.add(fault)
    cloud.update(name)
    after = cloud.get(name)
    assert after["CodeSha256"] == before["CodeSha256"]
    assert after["RevisionId"] != before["RevisionId"]
    assert after["LastUpdateStatus"] == "Failed"
    assert after["LastUpdateStatusReasonCode"] == "InvalidZipFileException"


def test_a_published_version_becomes_active(cloud: Cloud) -> None:
    name = cloud.function()
    answer = cloud.update(name, Publish=True)
    version = cloud.get(name, "1")
    assert answer["State"] == "Pending"
    assert (version["State"], version["LastUpdateStatus"]) == ("Active", "Successful")
    assert version["RevisionId"] == answer["RevisionId"]


def test_the_same_bytes_again_arm_the_next_publish(cloud: Cloud) -> None:
    name = cloud.published(1)
    before = cloud.get(name)
    cloud.update(name, "a")
    assert cloud.get(name)["CodeSha256"] == before["CodeSha256"]
    assert cloud.lambda_.publish_version(FunctionName=name)["Version"] == "2"
    assert cloud.update(name, "a", Publish=True)["Version"] == "3"


def test_every_version_serves_its_own_bytes(cloud: Cloud) -> None:
    name = cloud.published(2)
    assert download(cloud, name, "1") == zip_of("a")
    assert download(cloud, name, "2") == zip_of("version 1")


def test_a_source_is_required(cloud: Cloud) -> None:
    message = "Please provide a source for function code."
    assert update_refused(cloud, cloud.function())[1] == message


S3_ERROR = "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}"


def test_a_missing_bucket(cloud: Cloud) -> None:
    found = update_refused(cloud, cloud.function(), S3Bucket="no-such-bucket", S3Key="k")
    text = S3_ERROR.format("NoSuchBucket", "The specified bucket does not exist")
    assert found == ("InvalidParameterValueException", text)


def test_a_bucket_of_another_region(cloud: Cloud) -> None:
    cloud.sandbox.seed.bucket("far-away", region="eu-west-1")
    text = "The bucket is in this region: eu-west-1. Please use this region to retry the request"
    found = update_refused(cloud, cloud.function(), S3Bucket="far-away", S3Key="k")
    assert found[1] == S3_ERROR.format("PermanentRedirect", text)


def test_s3_code_is_the_version_asked_for_and_stays_a_copy(cloud: Cloud) -> None:
    seed, source = cloud.sandbox.seed, {"S3Bucket": "copies", "S3Key": "k.zip"}
    seed.bucket("copies")
    first = seed.object("copies", "k.zip", zip_of("first"))
    seed.object("copies", "k.zip", zip_of("second"))
    name = cloud.function()
    cloud.lambda_.update_function_code(FunctionName=name, S3ObjectVersion=first, **source)
    seed.object("copies", "k.zip", zip_of("third"))
    assert download(cloud, name, "$LATEST") == zip_of("first")


def test_a_bad_architecture_is_named_with_the_choices(cloud: Cloud) -> None:
    found = update_refused(cloud, "f", ZipFile=zip_of("b"), Architectures=["X86_64"])
    assert found[0] == "ValidationException"
    assert found[1].endswith(
        "Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy "
        "constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
    )


def test_a_published_version_keeps_its_architecture(cloud: Cloud) -> None:
    name = cloud.published(1)
    cloud.update(name, Architectures=["arm64"])
    assert cloud.get(name, "1")["Architectures"] == ["x86_64"]
    assert cloud.get(name)["Architectures"] == ["arm64"]


def test_full_code_storage(cloud: Cloud) -> None:
    name = cloud.function()
    cloud.sandbox.limits.code_storage = 1
    found = update_refused(cloud, name, ZipFile=zip_of("b"))
    assert found == ("CodeStorageExceededException", "Code storage limit exceeded.")


def test_a_large_zip_from_s3_is_accepted(cloud: Cloud) -> None:
    content = zip_of("x" * 100)
    cloud.sandbox.seed.bucket("large")
    cloud.sandbox.seed.object("large", "k", b"\0" * 53_000_000 + content)
    answer = cloud.lambda_.update_function_code(
        FunctionName=cloud.function(), S3Bucket="large", S3Key="k"
    )
    assert answer["CodeSize"] > 53_000_000


def test_an_environment_without_variables_is_shown_when_it_was_given(cloud: Cloud) -> None:
    name = cloud.create(Environment={"Variables": {}})["FunctionName"]
    assert cloud.get(name)["Environment"] == {"Variables": {}}
    rows = cloud.lambda_.list_versions_by_function(FunctionName=name)["Versions"]
    assert rows[0]["Environment"] == {"Variables": {}}
    assert "Environment" not in cloud.create()


def test_an_unknown_runtime_is_refused_in_words_of_its_own(cloud: Cloud) -> None:
    call = cloud.lambda_.update_function_configuration
    refusal = refused(call, FunctionName=cloud.function(), Runtime="cobol85")
    assert (refusal.status, refusal.code) == (400, "InvalidParameterValueException")
    assert refusal.response["Type"] == "User"
    assert refusal.message.startswith(
        "Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value "
        "set: ["
    )
    assert refusal.message.endswith("] or be a valid ARN")


def test_the_key_of_a_package_is_told_where_its_code_is(cloud: Cloud) -> None:
    name, key = cloud.function(), "arn:aws:kms:us-east-1:123456789012:key/package"
    cloud.update(name, SourceKMSKeyArn=key)
    code = cloud.lambda_.get_function(FunctionName=name)["Code"]
    assert code["SourceKMSKeyArn"] == key
