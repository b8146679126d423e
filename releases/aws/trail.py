"""Who changed a function, as CloudTrail tells: late, for 90 days, and only to those it may tell."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from releases.aws.calls import Caller
from releases.aws.client import partition_of
from releases.aws.errors import AccessDenied
from releases.aws.types import Changes, TrailEvent

# Each function is asked for as `name` and as ARN: an event has the one its caller wrote.
PAGES, PAGE = 4, 50
DATED = re.compile(r"\d{8}(v\d+)?$")

Answer = Mapping[str, Any]
Page = tuple[list[TrailEvent], str]


def changes_of(caller: Caller, name: str, since: datetime) -> Changes:
    """The writes to a function that went through, the newest first. Raises AwsError.

    A refusal to tell is an answer. Of a function that is read very often the oldest may be
    missing: the number of pages is bounded.
    """
    target = caller.target
    arn = (
        f"arn:{partition_of(target.region)}:lambda:{target.region}:{target.account_id}"
        f":function:{name}"
    )
    try:
        found = [event for each in (name, arn) for event in _events(caller, each, since)]
    except AccessDenied:
        return Changes((), may_be_read=False)
    return Changes(tuple(sorted(found, key=lambda event: event.at, reverse=True)))


def _events(caller: Caller, resource: str, since: datetime) -> Iterator[TrailEvent]:
    attribute = {"AttributeKey": "ResourceName", "AttributeValue": resource}
    request: dict[str, Any] = {
        "LookupAttributes": [attribute],
        "StartTime": since,
        "MaxResults": PAGE,
    }
    for _ in range(PAGES):
        shown = {"ResourceName": resource, "StartTime": since.isoformat()}
        rows, token = caller.call("cloudtrail", "LookupEvents", request, _page, summary=shown)
        yield from rows
        if not token:
            return
        request["NextToken"] = token


def _page(answer: Answer) -> Page:
    rows = (_event(row) for row in answer["Events"])
    return [row for row in rows if row], answer.get("NextToken") or ""


def _event(row: Answer) -> TrailEvent | None:
    """None for what changed nothing: reads, refusals, dry runs."""
    detail = json.loads(row["CloudTrailEvent"])
    asked = detail.get("requestParameters") or {}
    if row.get("ReadOnly") == "true" or detail.get("errorCode") or asked.get("dryRun"):
        return None
    identity = detail.get("userIdentity") or {}
    return TrailEvent(
        at=row["EventTime"].astimezone(UTC),
        event_name=DATED.sub("", row["EventName"]),
        who=_who(identity) or row.get("Username", "") or "somebody",
        arn=identity.get("arn", ""),
        request_id=detail.get("requestID", ""),
    )


def _who(identity: Answer) -> str:
    """A user's name, a session and its role, the root user, or a service of AWS."""
    kind, arn = identity.get("type", ""), str(identity.get("arn", ""))
    if kind == "Root":
        return "the root user"
    if kind == "AssumedRole" and arn.count("/") >= 2:
        role, session = arn.split("/")[-2:]
        return f"{session} (role {role})"
    return str(identity.get("userName") or identity.get("invokedBy") or "")
