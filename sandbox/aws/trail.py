"""CloudTrail's record of Lambda's management events: who called what, without what is secret."""

from __future__ import annotations

import json
import time
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.aws import moto_backends
from sandbox.aws.names import Place

KEPT = 5_000
V1, V2 = "20150331", "20150331v2"
# As documented, reads without a tag of their own as people have seen them; all others are
# called like the operation.
SUFFIXES = {
    "AddPermission": V2, "CreateAlias": V1, "CreateEventSourceMapping": V1, "CreateFunction": V1,
    "DeleteAlias": V1, "DeleteEventSourceMapping": V1, "DeleteFunction": V1,
    "DeleteFunctionConcurrency": "20171031", "DeleteLayerVersion": "20181031", "GetAlias": V1,
    "GetFunction": V2, "GetFunctionConfiguration": V2, "GetPolicy": V2, "ListAliases": V1,
    "ListEventSourceMappings": V1, "ListFunctions": V1, "ListTags": "20170331",
    "ListVersionsByFunction": V1, "PublishLayerVersion": "20181031", "PublishVersion": V1,
    "PutFunctionConcurrency": "20171031", "RemovePermission": V2, "TagResource": "20170331v2",
    "UntagResource": "20170331v2", "UpdateAlias": V1, "UpdateEventSourceMapping": V1,
    "UpdateFunctionCode": V2, "UpdateFunctionConfiguration": V2,
}  # fmt: skip
DATA = ("Invoke",)  # a data event, which no event history has
NEVER_LOGGED = ("ZipFile", "Environment")
SOURCE = "lambda.amazonaws.com"


@dataclass(frozen=True)
class Who:
    """Who calls: by access key, or by name (`alice`, or `role/session`) when out of band."""

    access_key: str = ""
    user: str = ""
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    agent: str = ""

    def identity(self, place: Place) -> dict[str, Any]:
        """As CloudTrail's userIdentity says it."""
        found = self.user or moto_backends.name_of(self.access_key, place) or self.access_key
        role, _, session = found.rpartition("/")
        common = {"accountId": place.account, "accessKeyId": self.access_key or "SANDBOX"}
        if not role:
            arn = f"arn:{place.partition}:iam::{place.account}:user/{found}"
            return {"type": "IAMUser", "arn": arn, "userName": found, **common}
        issuer = f"arn:{place.partition}:iam::{place.account}:role/{role}"
        return {
            "type": "AssumedRole",
            "principalId": f"AROASANDBOX:{session}",
            "arn": f"arn:{place.partition}:sts::{place.account}:assumed-role/{role}/{session}",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": issuer, "userName": role}},
            **common,
        }


@dataclass(frozen=True)
class Recorded:
    """One call as it is kept; what LookupEvents says of it is made when it is asked."""

    place: Place
    operation: str
    who: Who
    params: dict[str, Any] | None
    output: dict[str, Any] | None = None
    error: tuple[str, str] | None = None
    at: float = field(default_factory=time.time)
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def event_name(self) -> str:
        return self.operation + SUFFIXES.get(self.operation, "")

    @property
    def is_read(self) -> bool:
        return self.operation.startswith(("Get", "List"))

    @property
    def resources(self) -> list[dict[str, str]]:
        """The function, spelled as the caller did."""
        written = (self.params or {}).get("FunctionName")
        named = {"ResourceType": "AWS::Lambda::Function", "ResourceName": str(written)}
        return [named] if written else []

    def describe(self) -> dict[str, Any]:
        identity = self.who.identity(self.place)
        return {
            "EventId": self.event_id,
            "EventName": self.event_name,
            "ReadOnly": str(self.is_read).lower(),
            "AccessKeyId": identity["accessKeyId"],
            "EventTime": int(self.at),
            "EventSource": SOURCE,
            "Username": identity.get("userName") or identity["principalId"].rpartition(":")[2],
            "Resources": self.resources,
            "CloudTrailEvent": json.dumps(self._told(identity), default=str),
        }

    def _told(self, identity: dict[str, Any]) -> dict[str, Any]:
        code, message = self.error or ("", "")
        failed = {"errorCode": code} | ({"errorMessage": message} if message else {})
        return {
            "eventVersion": "1.08",
            "userIdentity": identity,
            "eventTime": datetime.fromtimestamp(int(self.at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": SOURCE,
            "eventName": self.event_name,
            "awsRegion": self.place.region,
            "sourceIPAddress": "127.0.0.1",
            "userAgent": self.who.agent,
            **(failed if self.error else {}),
            "requestParameters": _camel(self.params),
            "responseElements": None if self.is_read else _camel(self.output),
            "requestID": self.who.request_id,
            "eventID": self.event_id,
            "readOnly": self.is_read,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": self.place.account,
            "eventCategory": "Management",
        }


class Trail:
    """The events of one account and Region, the oldest first."""

    def __init__(self) -> None:
        self._events: deque[Recorded] = deque(maxlen=KEPT)

    def add(self, event: Recorded) -> None:
        if event.operation not in DATA:
            self._events.append(event)

    def newest_first(self, until: float) -> Iterator[Recorded]:
        """What had happened by then; CloudTrail is behind."""
        found = sorted(self._events, key=lambda event: event.at)
        return (event for event in reversed(found) if event.at <= until)


def loggable(params: dict[str, Any] | None) -> dict[str, Any] | None:
    """The parameters without code and environment values, which must not be kept either."""
    if params is None:
        return None
    return {
        key: loggable(value) if isinstance(value, dict) else value
        for key, value in params.items()
        if key not in NEVER_LOGGED
    }


def _camel(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _camel(item) for key, item in value.items()}
    return [_camel(item) for item in value] if isinstance(value, list) else value
