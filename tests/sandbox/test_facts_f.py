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


def test_only_functions_have_tags(cloud: Cloud) -> None:
    arn = cloud.get(cloud.published(1), "1")["FunctionArn"]
    refusal = refused(cloud.lambda_.tag_resource, Resource=arn, Tags={"team": "shop"})
    assert (refusal.status, refusal.message) == (
        400,
        "Tags on function aliases and versions are not supported. Please specify a function ARN.",
    )


def test_fifty_tags_and_no_more(cloud: Cloud) -> None:
    arn, text = cloud.get(cloud.function())["FunctionArn"], "Number of tags exceeds resource tag"
    fifty = {f"tag{n}": "x" for n in range(50)}
    cloud.lambda_.tag_resource(Resource=arn, Tags=fifty)
    cloud.lambda_.tag_resource(Resource=arn, Tags={"tag1": "y"})
    more = refused(cloud.lambda_.tag_resource, Resource=arn, Tags={"one more": "x"})
    assert (more.code, more.message) == ("InvalidParameterValueException", f"{text} limit.")
    assert len(cloud.lambda_.list_tags(Resource=arn)["Tags"]) == 50
    assert refused(cloud.create, Tags={**fifty, "one more": "x"}).message == f"{text} limit."


def test_no_tags_at_all_cannot_be_added(cloud: Cloud) -> None:
    arn = cloud.get(cloud.function())["FunctionArn"]
    refusal = refused(cloud.lambda_.tag_resource, Resource=arn, Tags={})
    assert refusal.message == "An error occurred and the request cannot be processed."


def test_only_functions_reserve_concurrency(cloud: Cloud) -> None:
    call = cloud.lambda_.put_function_concurrency
    refusal = refused(call, FunctionName="nobody:1", ReservedConcurrentExecutions=1)
    assert refusal.message.startswith("This operation is permitted on Lambda functions only.")
    missing = refused(call, FunctionName="nobody", ReservedConcurrentExecutions=1)
    assert missing.message.startswith("Function not found: arn:aws:lambda:")
    assert missing.message.endswith(":function:nobody:$LATEST")


def test_a_hundred_executions_stay_with_the_others(cloud: Cloud) -> None:
    client = cloud.client("lambda", **cloud.keys_of("666666666666"))
    for name in ("one", "two"):
        cloud.sandbox.seed.function(name, account="666666666666")
    put = client.put_function_concurrency
    put(FunctionName="one", ReservedConcurrentExecutions=800)
    put(FunctionName="one", ReservedConcurrentExecutions=900)
    refusal = refused(put, FunctionName="two", ReservedConcurrentExecutions=1)
    assert refusal.message == (
        "Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [100]."
    )
    assert "Type" not in refusal.response


def test_what_is_not_a_function_has_tags_too(cloud: Cloud) -> None:
    client, tags = cloud.lambda_, {"team": "shop"}
    mapping = client.create_event_source_mapping(
        FunctionName=cloud.function(),
        EventSourceArn="arn:aws:sqs:us-east-1:123456789012:q",
        Tags=tags,
    )["EventSourceMappingArn"]
    publishers = {
        "SigningProfileVersionArns": [
            "arn:aws:signer:us-east-1:123456789012:/signing-profiles/profile/abcdefghij"
        ]
    }
    config = client.create_code_signing_config(AllowedPublishers=publishers, Tags=tags)
    arn = config["CodeSigningConfig"]["CodeSigningConfigArn"]
    for resource in (mapping, arn):
        assert client.list_tags(Resource=resource)["Tags"] == tags
        client.tag_resource(Resource=resource, Tags={"tier": "1"})
        client.untag_resource(Resource=resource, TagKeys=["team"])
        assert client.list_tags(Resource=resource)["Tags"] == {"tier": "1"}
    client.delete_code_signing_config(CodeSigningConfigArn=arn)
    assert refused(client.list_tags, Resource=arn).status == 404


def test_a_qualifier_beyond_128_characters_is_a_validation_error(cloud: Cloud) -> None:
    call, name = cloud.lambda_.get_function, cloud.function()
    refusal = refused(call, FunctionName=name, Qualifier="a" * 129)
    assert (refusal.code, "at 'qualifier'" in refusal.message) == ("ValidationException", True)
    assert refused(call, FunctionName=name, Qualifier="a" * 128).status == 404
