"""CloudTrail's LookupEvents over the calls made to the sandbox's Lambda."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.aws import Fault, Timing, zip_of
from tests.sandbox.cloud import ROLE, Cloud, refused
from tests.sandbox.test_admin import ask

ALICE = {"aws_access_key_id": "alice", "aws_secret_access_key": "x"}


def lookup(cloud: Cloud, key: str = "", value: str = "", **params: Any) -> dict[str, Any]:
    if key:
        params["LookupAttributes"] = [{"AttributeKey": key, "AttributeValue": value}]
    answer: dict[str, Any] = cloud.client("cloudtrail").lookup_events(**params)
    return answer


def events(cloud: Cloud, name: str, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lookup(cloud, "ResourceName", name, **params)["Events"]
    return found


def told(event: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event["CloudTrailEvent"])
    return found


def test_writes_are_told_newest_first_and_as_cloudtrail_names_them(cloud: Cloud) -> None:
    name, client = cloud.function(), cloud.lambda_
    cloud.update(name)
    client.update_function_configuration(FunctionName=name, Timeout=9)
    cloud.settle(name)
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    client.update_alias(FunctionName=name, Name="live", Description="x")
    client.delete_alias(FunctionName=name, Name="live")
    client.delete_function(FunctionName=name)
    assert [event["EventName"] for event in events(cloud, name)] == [
        "DeleteFunction20150331",
        "DeleteAlias20150331",
        "UpdateAlias20150331",
        "CreateAlias20150331",
        "PublishVersion20150331",
        "UpdateFunctionConfiguration20150331v2",
        "UpdateFunctionCode20150331v2",
        "CreateFunction20150331",
    ]


def test_an_event_says_who_what_and_when(cloud: Cloud) -> None:
    name = cloud.function()
    began = datetime.now(UTC) - timedelta(seconds=1)
    answer = cloud.client("lambda", **ALICE).update_function_code(
        FunctionName=name, ZipFile=zip_of("b"), DryRun=True
    )
    event = events(cloud, name)[0]
    assert (event["Username"], event["ReadOnly"]) == ("alice", "false")
    assert event["EventSource"] == "lambda.amazonaws.com"
    assert began <= event["EventTime"] <= datetime.now(UTC)
    assert event["Resources"] == [{"ResourceType": "AWS::Lambda::Function", "ResourceName": name}]
    detail = told(event)
    assert detail["userIdentity"]["arn"] == "arn:aws:iam::123456789012:user/alice"
    assert detail["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert detail["requestParameters"] == {"functionName": name, "dryRun": True}
    assert detail["responseElements"]["codeSha256"] == answer["CodeSha256"]


def test_an_assumed_role_is_told_by_its_session(cloud: Cloud) -> None:
    keys = cloud.keys_of("777777777777")
    cloud.sandbox.seed.function("of-a-role", account="777777777777")
    cloud.client("lambda", **keys).publish_version(FunctionName="of-a-role")
    event = cloud.client("cloudtrail", **keys).lookup_events()["Events"][0]
    assert event["Username"] == "tests"
    identity = told(event)["userIdentity"]
    assert identity["arn"] == "arn:aws:sts::777777777777:assumed-role/releases/tests"
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "releases"


def test_code_and_environment_values_are_in_no_event(cloud: Cloud) -> None:
    secret = "hunter" + "2" * 20
    variables = {"Variables": {"TOKEN": secret}}
    name = cloud.function(Environment=variables)
    cloud.lambda_.update_function_configuration(FunctionName=name, Environment=variables)
    cloud.settle(name)
    too_many = {"Variables": {"TOKEN": secret * 200}}
    refused(cloud.lambda_.update_function_configuration, FunctionName=name, Environment=too_many)
    found = json.dumps(events(cloud, name), default=str)
    assert found.count("CreateFunction20150331") and secret not in found
    assert "zipFile" not in found


def test_a_refused_call_is_told_with_its_error(cloud: Cloud) -> None:
    name = cloud.function()
    refused(cloud.lambda_.publish_version, FunctionName=name, RevisionId="wrong")
    detail = told(events(cloud, name)[0])
    assert detail["errorCode"] == "PreconditionFailedException"
    assert detail["errorMessage"].startswith("The Revision Id provided")


def test_reads_are_told_and_calls_of_the_code_are_not(cloud: Cloud) -> None:
    name = cloud.function()
    cloud.lambda_.get_function(FunctionName=name)
    cloud.lambda_.invoke(FunctionName=name)
    event = events(cloud, name)[0]
    assert (event["EventName"], event["ReadOnly"]) == ("GetFunction20150331v2", "true")
    assert told(event)["responseElements"] is None


def test_the_function_is_named_as_the_caller_spelled_it(cloud: Cloud) -> None:
    name = cloud.function()
    arn = cloud.get(name)["FunctionArn"]
    cloud.lambda_.publish_version(FunctionName=arn)
    assert events(cloud, arn)[0]["EventName"] == "PublishVersion20150331"
    assert "PublishVersion20150331" not in {event["EventName"] for event in events(cloud, name)}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("EventName", "CreateFunction20150331"),
        ("Username", "carol"),
        ("AccessKeyId", "carol"),
        ("ResourceType", "AWS::Lambda::Function"),
        ("ReadOnly", "false"),
        ("EventSource", "lambda.amazonaws.com"),
    ],
)
def test_events_are_found_by_one_attribute(cloud: Cloud, key: str, value: str) -> None:
    about = {"Runtime": "python3.12", "Role": ROLE, "Handler": "index.handler"}
    region = "sa-east-1"
    carol = cloud.client("lambda", region, aws_access_key_id="carol", aws_secret_access_key="x")
    name = f"by-{key.lower()}"
    carol.create_function(FunctionName=name, Code={"ZipFile": zip_of("a")}, **about)
    cloud.client("lambda", region).list_functions()
    asked = [{"AttributeKey": key, "AttributeValue": value}]
    found = cloud.client("cloudtrail", region).lookup_events(LookupAttributes=asked)["Events"]
    assert name in {each["ResourceName"] for event in found for each in event["Resources"]}
    everything = {each["EventName"] for each in found}
    assert ("ListFunctions20150331" in everything) == (key == "EventSource")
    nothing = [{"AttributeKey": key, "AttributeValue": "nothing"}]
    none = cloud.client("cloudtrail", region).lookup_events(LookupAttributes=nothing)
    assert none["Events"] == []


def test_events_are_found_by_their_id_and_by_time(cloud: Cloud) -> None:
    name, now = cloud.function(), datetime.now(UTC)
    event = events(cloud, name)[0]
    assert lookup(cloud, "EventId", event["EventId"])["Events"] == [event]
    hour = timedelta(hours=1)
    assert events(cloud, name, StartTime=now - hour, EndTime=now + hour) == [event]
    assert events(cloud, name, StartTime=now + hour) == []
    assert events(cloud, name, EndTime=now - hour) == []


def test_pages_go_on_with_the_same_question_only(cloud: Cloud) -> None:
    name = cloud.function()
    for _ in range(4):
        cloud.lambda_.publish_version(FunctionName=name)
    first = lookup(cloud, "ResourceName", name, MaxResults=3)
    rest = lookup(cloud, "ResourceName", name, MaxResults=3, NextToken=first["NextToken"])
    assert [len(first["Events"]), len(rest["Events"]), "NextToken" in rest] == [3, 2, False]
    ids = {event["EventId"] for event in first["Events"] + rest["Events"]}
    assert len(ids) == 5
    for other in ({"MaxResults": 2, "NextToken": first["NextToken"]}, {"NextToken": "x"}):
        refusal = refused(lookup, cloud=cloud, key="ResourceName", value=name, **other)
        assert (refusal.status, refusal.code) == (400, "InvalidNextTokenException")


TWO = [{"AttributeKey": "EventName", "AttributeValue": "x"}] * 2


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        ({"MaxResults": 0}, "InvalidMaxResultsException"),
        ({"LookupAttributes": TWO}, "InvalidLookupAttributesException"),
        (
            {"LookupAttributes": [{"AttributeKey": "Name", "AttributeValue": "x"}]},
            "InvalidLookupAttributesException",
        ),
        ({"EventCategory": "management"}, "InvalidEventCategoryException"),
        (
            {"StartTime": datetime(2026, 2, 1, tzinfo=UTC), "EndTime": datetime(2026, 1, 1)},
            "InvalidTimeRangeException",
        ),
    ],
)
def test_what_cannot_be_looked_up(cloud: Cloud, params: dict[str, Any], code: str) -> None:
    refusal = refused(lookup, cloud=cloud, **params)
    assert (refusal.status, refusal.code) == (400, code)


def test_access_is_denied_on_demand(cloud: Cloud) -> None:
    fault = Fault("LookupEvents", "error", code="AccessDeniedException", status=400, message="no")
    cloud.sandbox.faults.add(fault)
    refusal = refused(lookup, cloud=cloud)
    assert (refusal.status, refusal.code) == (400, "AccessDeniedException")
    assert "Events" in lookup(cloud)


def test_two_look_ups_a_second_when_asked_for(cloud: Cloud) -> None:
    cloud.sandbox.limits.rate = True
    refusal = refused(lambda: [lookup(cloud) for _ in range(9)])
    assert refusal.code == "ThrottlingException"


def test_cloudtrail_can_be_behind(cloud: Cloud) -> None:
    cloud.sandbox.timing = Timing(trail=900)
    name = cloud.function()
    assert events(cloud, name) == []
    cloud.sandbox.timing = Timing(trail=0)
    assert len(events(cloud, name)) == 1


@pytest.mark.parametrize(
    ("user", "shown"), [("bob", "bob"), ("Deployer/ci", "ci"), ("", "somebody")]
)
def test_a_change_out_of_band_has_a_user(cloud: Cloud, user: str, shown: str) -> None:
    name = cloud.function()
    change: dict[str, Any] = {
        "operation": "UpdateFunctionConfiguration",
        "parameters": {"Timeout": 9},
        "user": user,
    }
    cloud.sandbox.faults.add(Fault("PublishVersion", "change", call=change))
    cloud.lambda_.publish_version(FunctionName=name)
    found = {event["EventName"]: event["Username"] for event in events(cloud, name)}
    assert found["UpdateFunctionConfiguration20150331v2"] == shown


def test_an_event_of_the_past_can_be_seeded(cloud: Cloud) -> None:
    at = "2026-01-02T03:04:05+00:00"
    body = {"operation": "UpdateAlias", "function": "seeded", "user": "Deployer/ci", "at": at}
    request_id = ask(cloud, "POST", "seed/event", body)["result"]
    event = events(cloud, "seeded")[-1]
    assert event["EventTime"] == datetime.fromisoformat(at)
    assert (event["Username"], told(event)["requestID"]) == ("ci", request_id)
