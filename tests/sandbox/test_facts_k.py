"""Code signing (facts K)."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from sandbox.aws import sign, zip_of
from tests.sandbox.cloud import ACCOUNT, Cloud, refused

PROFILE = f"arn:aws:signer:us-east-1:{ACCOUNT}:/signing-profiles/shop/AbCdEf1234"


@pytest.fixture
def config(cloud: Cloud) -> str:
    """The ARN of a configuration that enforces signatures."""
    answer = cloud.lambda_.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [PROFILE]},
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"},
    )
    arn: str = answer["CodeSigningConfig"]["CodeSigningConfigArn"]
    return arn


def test_a_function_without_one_answers_with_nothing(cloud: Cloud) -> None:
    answer = cloud.lambda_.get_function_code_signing_config(FunctionName=cloud.function())
    assert answer.keys() == {"ResponseMetadata"}


def test_a_configuration_is_attached_and_found(cloud: Cloud, config: str) -> None:
    name, client = cloud.function(), cloud.lambda_
    client.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=config)
    answer = client.get_function_code_signing_config(FunctionName=name)
    assert (answer["CodeSigningConfigArn"], answer["FunctionName"]) == (config, name)
    listed = client.list_functions_by_code_signing_config(CodeSigningConfigArn=config)
    assert listed["FunctionArns"][0].endswith(name)


def test_enforce_blocks_unsigned_code(cloud: Cloud, config: str) -> None:
    name, client = cloud.function(), cloud.lambda_
    client.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=config)
    refusal = refused(client.update_function_code, FunctionName=name, ZipFile=zip_of("b"))
    assert (refusal.status, refusal.code) == (400, "CodeVerificationFailedException")
    assert refusal.message.endswith(f"Check the provided signature for {name}.")


def test_warn_lets_unsigned_code_through(cloud: Cloud, config: str) -> None:
    name, client = cloud.function(), cloud.lambda_
    client.update_code_signing_config(
        CodeSigningConfigArn=config, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Warn"}
    )
    client.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=config)
    assert cloud.update(name)["LastUpdateStatus"] == "InProgress"


def enforced(cloud: Cloud, config: str) -> str:
    name = cloud.function()
    cloud.lambda_.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=config)
    return name


def test_a_trusted_signature_is_let_through_and_shown(cloud: Cloud, config: str) -> None:
    name = enforced(cloud, config)
    cloud.lambda_.update_function_code(FunctionName=name, ZipFile=sign(zip_of("b"), PROFILE))
    found = cloud.get(name)
    assert found["SigningProfileVersionArn"] == PROFILE
    assert "signing-jobs/" in found["SigningJobArn"]


def test_a_signing_job_writes_a_signed_copy_of_an_object(cloud: Cloud, config: str) -> None:
    name, seed = enforced(cloud, config), cloud.sandbox.seed
    seed.bucket("builds-to-sign")
    seed.object("builds-to-sign", "app.zip", zip_of("b"))
    update = {"FunctionName": name, "S3Bucket": "builds-to-sign"}
    refusal = refused(cloud.lambda_.update_function_code, S3Key="app.zip", **update)
    assert refusal.code == "CodeVerificationFailedException"
    seed.signed("builds-to-sign", "app.zip", PROFILE, to_key="signed/app.zip")
    answer = cloud.lambda_.update_function_code(S3Key="signed/app.zip", **update)
    assert answer["LastUpdateStatus"] == "InProgress"


def untrusted(cloud: Cloud, case: str) -> bytes:
    package, past = zip_of(case), datetime(2024, 1, 1, tzinfo=UTC)
    if case == "mismatch":
        return sign(package, PROFILE.replace("shop", "other"))
    if case == "revoked":
        cloud.sandbox.seed.revoked(f"{PROFILE}2")
        return sign(package, f"{PROFILE}2")
    return sign(package, PROFILE, past if case == "expired" else None)


@pytest.mark.parametrize("case", ["mismatch", "expired", "revoked"])
@pytest.mark.parametrize("policy", ["Enforce", "Warn"])
def test_what_is_not_trusted_is_blocked_under_enforce_alone(
    cloud: Cloud, config: str, policy: str, case: str
) -> None:
    cloud.lambda_.update_code_signing_config(
        CodeSigningConfigArn=config,
        AllowedPublishers={"SigningProfileVersionArns": [PROFILE, f"{PROFILE}2"]},
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": policy},
    )
    update = {"FunctionName": enforced(cloud, config), "ZipFile": untrusted(cloud, case)}
    if policy == "Warn":
        assert cloud.lambda_.update_function_code(**update)["LastUpdateStatus"] == "InProgress"
    else:
        refusal = refused(cloud.lambda_.update_function_code, **update)
        assert refusal.code == "CodeVerificationFailedException"


@pytest.mark.parametrize("policy", ["Enforce", "Warn"])
def test_a_broken_signature_is_always_blocked(cloud: Cloud, config: str, policy: str) -> None:
    cloud.lambda_.update_code_signing_config(
        CodeSigningConfigArn=config,
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": policy},
    )
    tampered = io.BytesIO(sign(zip_of("b"), PROFILE))
    with zipfile.ZipFile(tampered, "a") as archive:
        archive.writestr("added.py", "import os")
    refusal = refused(
        cloud.lambda_.update_function_code,
        FunctionName=enforced(cloud, config),
        ZipFile=tampered.getvalue(),
    )
    assert (refusal.status, refusal.code) == (400, "InvalidCodeSignatureException")
    assert refusal.response["Message"] == "The code signature failed the integrity check."


@pytest.mark.parametrize("written", ["no JSON", "[]", "{}", '{"expires_at": "never"}'])
def test_a_garbled_signature_is_a_broken_one(cloud: Cloud, config: str, written: str) -> None:
    package = io.BytesIO(zip_of("b"))
    with zipfile.ZipFile(package, "a") as archive:
        archive.writestr("META-INF/AWS_SIGNER_SANDBOX.json", written)
    given = {"FunctionName": enforced(cloud, config), "ZipFile": package.getvalue()}
    refusal = refused(cloud.lambda_.update_function_code, **given)
    assert refusal.code == "InvalidCodeSignatureException"


def test_images_are_not_checked(cloud: Cloud, config: str) -> None:
    cloud.sandbox.seed.function("pictured", code=cloud.sandbox.seed.image("pictured"))
    put = cloud.lambda_.put_function_code_signing_config
    put(FunctionName="pictured", CodeSigningConfigArn=config)
    newer = cloud.sandbox.seed.image("pictured", content="newer")
    answer = cloud.lambda_.update_function_code(FunctionName="pictured", ImageUri=newer)
    assert answer["LastUpdateStatus"] == "InProgress"


def test_the_configuration_is_looked_for_before_the_function(cloud: Cloud) -> None:
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:code-signing-config:csc-0123456789abcdef0"
    call = cloud.lambda_.put_function_code_signing_config
    refusal = refused(call, FunctionName="nobody", CodeSigningConfigArn=arn)
    assert refusal.code == "CodeSigningConfigNotFoundException"
    assert refusal.response["Message"].endswith(f"is not deleted: {arn}.")


def test_layers_are_checked_as_the_code_is(cloud: Cloud, config: str) -> None:
    name, client = enforced(cloud, config), cloud.lambda_

    def published(content: bytes) -> str:
        answer = client.publish_layer_version(LayerName="k", Content={"ZipFile": content})
        return str(answer["LayerVersionArn"])

    unsigned, trusted = published(zip_of("k")), published(sign(zip_of("k"), PROFILE))
    call = client.update_function_configuration
    refusal = refused(call, FunctionName=name, Layers=[unsigned])
    assert refusal.code == "CodeVerificationFailedException"
    assert call(FunctionName=name, Layers=[trusted])["LastUpdateStatus"] == "InProgress"
