"""The server as a whole: accounts, Regions, downloads, start and stop."""

import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest

from sandbox.aws import AwsSandbox, Fault, Timing, zip_of
from tests.sandbox.cloud import CONFIG, KEYS, Cloud, refused


def test_accounts_stand_side_by_side(cloud: Cloud) -> None:
    theirs = cloud.client("lambda", **cloud.keys_of("222222222222"))
    name = cloud.function()
    assert refused(theirs.get_function, FunctionName=name).status == 404
    cloud.sandbox.seed.function(name, account="222222222222")
    arn = theirs.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
    assert arn == f"arn:aws:lambda:us-east-1:222222222222:function:{name}"


def test_regions_stand_side_by_side(cloud: Cloud) -> None:
    name = cloud.function()
    ireland = cloud.client("lambda", "eu-west-1")
    assert refused(ireland.get_function, FunctionName=name).status == 404


def test_the_bucket_of_another_account_is_closed(cloud: Cloud) -> None:
    cloud.sandbox.seed.bucket("theirs", account="222222222222")
    call = cloud.lambda_.update_function_code
    refusal = refused(call, FunctionName=cloud.function(), S3Bucket="theirs", S3Key="k")
    assert "S3 Error Code: AccessDenied" in refusal.message


def test_an_expired_or_altered_address_serves_nothing(cloud: Cloud) -> None:
    url = cloud.lambda_.get_function(FunctionName=cloud.function())["Code"]["Location"]
    for wrong in (url.replace("X-Amz-Expires=600", "X-Amz-Expires=6000"), url[:-1] + "?"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(wrong)
        with caught.value as answer:
            assert answer.code == 403


def test_one_of_many_publishers_wins_each_revision(cloud: Cloud) -> None:
    name = cloud.function()
    revision = cloud.get(name)["RevisionId"]

    def publish(_: int) -> bool:
        try:
            cloud.lambda_.publish_version(FunctionName=name, RevisionId=revision)
        except cloud.lambda_.exceptions.PreconditionFailedException:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(publish, range(40))) == 1


def test_event_sources_and_urls_say_what_calls_latest(cloud: Cloud) -> None:
    name, client = cloud.published(1), cloud.lambda_
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    queue = "arn:aws:sqs:us-east-1:123456789012:orders"
    client.create_event_source_mapping(FunctionName=f"{name}:live", EventSourceArn=queue)
    client.create_function_url_config(FunctionName=name, Qualifier="live", AuthType="AWS_IAM")
    assert client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"] == []
    (mapping,) = client.list_event_source_mappings(EventSourceArn=queue)["EventSourceMappings"]
    assert mapping["FunctionArn"].endswith(":live")
    assert refused(client.get_function_url_config, FunctionName=name).status == 404
    assert len(client.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"]) == 1


def test_a_function_nobody_may_call_has_no_policy(cloud: Cloud) -> None:
    refusal = refused(cloud.lambda_.get_policy, FunctionName=cloud.function())
    assert (refusal.status, refusal.code) == (404, "ResourceNotFoundException")


def test_it_starts_and_stops_and_leaves_nothing(cloud: Cloud) -> None:
    with AwsSandbox(timing=Timing.instant()) as sandbox:
        client = boto3.client(  # type: ignore[call-overload]
            "lambda", "us-east-1", endpoint_url=sandbox.url, config=CONFIG, **KEYS
        )
        sandbox.seed.function("f", code=zip_of("a"))
        client.get_function(FunctionName="f")
    client.close()
    assert not [t for t in threading.enumerate() if "sandbox" in t.name and not t.daemon]


def test_stopping_lets_go_of_held_calls() -> None:
    with AwsSandbox() as sandbox:
        client = boto3.client(  # type: ignore[call-overload]
            "lambda", "us-east-1", endpoint_url=sandbox.url, config=CONFIG, **KEYS
        )
        hold = sandbox.faults.add(Fault("ListFunctions", "hold"))
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(client.list_functions)
            assert sandbox.faults.wait_held(hold)
            sandbox.stop()
            assert future.exception() is not None
    client.close()
