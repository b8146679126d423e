"""Reading functions, and the ways to write their names (facts F)."""

import pytest

from tests.sandbox.cloud import ACCOUNT, REGION, Cloud, refused

FORMS = [
    "{name}",
    "{name}:$LATEST",
    f"{ACCOUNT}:function:{{name}}",
    f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{name}}",
    f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{name}}:$LATEST",
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_name_is_understood(cloud: Cloud, form: str) -> None:
    name = cloud.function()
    assert cloud.get(form.format(name=name))["FunctionName"] == name


def test_the_arn_ends_as_it_was_asked_for(cloud: Cloud) -> None:
    name = cloud.published(1)
    cloud.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    asked = [None, "$LATEST", "1", "live"]
    ends = [cloud.get(name, qualifier)["FunctionArn"].split(":", 6)[6] for qualifier in asked]
    assert ends == [name, f"{name}:$LATEST", f"{name}:1", f"{name}:live"]


def test_tags_and_concurrency_belong_to_the_unqualified(cloud: Cloud) -> None:
    name, client = cloud.function(Tags={"team": "shop"}), cloud.lambda_
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)
    answer = client.get_function(FunctionName=name)
    assert answer["Tags"] == {"team": "shop"}
    assert answer["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    qualified = client.get_function(FunctionName=name, Qualifier="$LATEST")
    assert not {"Tags", "Concurrency"} & qualified.keys()


def test_two_qualifiers_that_differ_are_refused_before_anything_is_looked_for(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.get_function, FunctionName="nobody:1", Qualifier="2")
    assert (refusal.status, refusal.code) == (400, "InvalidParameterValueException")
    assert refusal.message == (
        "The derived qualifier from the function name does not match the specified qualifier."
    )


def test_a_function_of_another_account_is_denied(cloud: Cloud) -> None:
    arn = f"arn:aws:lambda:{REGION}:210987654321:function:f"
    refusal = refused(cloud.lambda_.get_function, FunctionName=arn)
    assert (refusal.status, refusal.code) == (403, "AccessDeniedException")


def test_a_long_arn_is_a_validation_error_on_create(cloud: Cloud) -> None:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{'a' * 120}"
    refusal = refused(
        cloud.lambda_.create_function, FunctionName=arn, Role="arn:aws:iam::1:role/x", Code={}
    )
    assert refusal.code == "ValidationException"


def test_a_long_qualifier_is_a_validation_error(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.get_function, FunctionName="f", Qualifier="q" * 129)
    assert refusal.code == "ValidationException"
    assert refusal.message.endswith("Member must have length less than or equal to 128")


def test_a_long_name_is_simply_not_found_on_delete(cloud: Cloud) -> None:
    assert refused(cloud.lambda_.delete_function, FunctionName="a" * 65).status == 404
