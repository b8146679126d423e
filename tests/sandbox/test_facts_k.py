"""Code signing (facts K)."""

import pytest

from sandbox.aws import zip_of
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


def test_the_configuration_is_looked_for_before_the_function(cloud: Cloud) -> None:
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:code-signing-config:csc-0123456789abcdef0"
    call = cloud.lambda_.put_function_code_signing_config
    refusal = refused(call, FunctionName="nobody", CodeSigningConfigArn=arn)
    assert refusal.code == "CodeSigningConfigNotFoundException"
    assert refusal.response["Message"].endswith(f"is not deleted: {arn}.")
