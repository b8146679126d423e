"""Deleting functions and versions (facts I)."""

from tests.sandbox.cloud import Cloud, refused


def test_a_version_with_an_alias_stays(cloud: Cloud) -> None:
    name = cloud.published(1)
    cloud.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    refusal = refused(cloud.lambda_.delete_function, FunctionName=name, Qualifier="1")
    text = "Unable to delete version because the following aliases reference it: [live]"
    assert (refusal.status, refusal.message) == (409, text)


def test_an_unknown_function_is_named_without_its_qualifier(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.delete_function, FunctionName="nobody", Qualifier="1")
    assert refusal.status == 404
    assert refusal.message.endswith(":function:nobody")


def test_a_deleted_function_is_gone(cloud: Cloud) -> None:
    name = cloud.published(1)
    cloud.lambda_.delete_function(FunctionName=name)
    assert refused(cloud.lambda_.get_function, FunctionName=name, Qualifier="1").status == 404


def test_latest_is_refused_before_the_function_is_looked_for(cloud: Cloud) -> None:
    call, text = cloud.lambda_.delete_function, "$LATEST version cannot be deleted without deleting"
    for name in ("nobody", cloud.function()):
        refusal = refused(call, FunctionName=name, Qualifier="$LATEST")
        assert (refusal.status, refusal.message) == (400, f"{text} the function.")
    assert refused(call, FunctionName="nobody", Qualifier="live").status == 404
