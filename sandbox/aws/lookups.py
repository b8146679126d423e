"""LookupEvents, the one operation of CloudTrail that is our own (JSON 1.1)."""

import base64
import hashlib
import json
import time
from functools import cache
from itertools import islice
from typing import Any

import botocore.session
from botocore.model import StructureShape

from sandbox.aws import validation, wire
from sandbox.aws.errors import ApiError
from sandbox.aws.http import Request, Response
from sandbox.aws.names import Place
from sandbox.aws.trail import SOURCE, Recorded
from sandbox.aws.world import World

OPERATION = "LookupEvents"
MOST = 50
TYPE = ("Content-Type", "application/x-amz-json-1.1")
# Violations of the model come as CloudTrail's own exceptions.
REFUSALS = {
    "maxResults": "InvalidMaxResultsException",
    "lookupAttributes": "InvalidLookupAttributesException",
    "eventCategory": "InvalidEventCategoryException",
}


@cache
def shape() -> StructureShape:
    service = botocore.session.get_session().get_service_model("cloudtrail")
    found = service.operation_model(OPERATION).input_shape
    assert found is not None  # noqa: S101
    return found


def answer(world: World, request: Request, place: Place) -> Response:
    try:
        world.limits.check_lookups(place)
        found = _page(world, _parameters(request), place)
    except ApiError as error:
        return wire.failure(error, "cloudtrail")
    return Response(200, [TYPE], json.dumps(found).encode())


def _parameters(request: Request) -> dict[str, Any]:
    try:
        params: dict[str, Any] = wire.convert(shape(), json.loads(request.read() or b"{}"))
    except ValueError:
        raise _refusal("SerializationException", "") from None
    for problem in validation.problems(shape(), params):
        for name, code in REFUSALS.items():
            if f"at '{name}" in problem:
                raise _refusal(code, problem)
        raise _refusal("ValidationException", problem)
    if len(params.get("LookupAttributes") or []) > 1:
        raise _refusal(REFUSALS["lookupAttributes"], "You can only specify one lookup attribute.")
    start, end = params.get("StartTime"), params.get("EndTime")
    if start is not None and end is not None and start > end:
        raise _refusal(
            "InvalidTimeRangeException", "The start time must not be after the end time."
        )
    return params


def _page(world: World, params: dict[str, Any], place: Place) -> dict[str, Any]:
    if params.get("EventCategory"):
        return {"Events": []}  # Insights, of which there are none
    trail = world.store(place).trail
    visible = trail.newest_first(time.time() - world.timing.trail)
    found = [event for event in visible if _is_wanted(event, params)]
    start = _start(params, found)
    size = params.get("MaxResults") or MOST
    events = [event.describe() for event in islice(found, start, start + size)]
    more = start + size < len(found)
    token = {"NextToken": _token(found[start + size], params)} if more else {}
    return {"Events": events, **token}


def _is_wanted(event: Recorded, params: dict[str, Any]) -> bool:
    at = int(event.at)
    if at < (params.get("StartTime") or 0) or at > (params.get("EndTime") or at):
        return False
    for asked in params.get("LookupAttributes") or []:
        key, value = asked["AttributeKey"], asked["AttributeValue"]
        if key in ("ResourceName", "ResourceType"):
            return any(resource[key] == value for resource in event.resources)
        # Only this one needs to know the caller, who is looked up in moto.
        if key in ("Username", "AccessKeyId"):
            return bool(event.describe()[key] == value)
        known = {
            "EventId": event.event_id,
            "EventName": event.event_name,
            "ReadOnly": str(event.is_read).lower(),
            "EventSource": SOURCE,
        }
        return bool(known[key] == value)
    return True


def _same(params: dict[str, Any]) -> str:
    rest = {key: value for key, value in params.items() if key != "NextToken"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:16]


def _token(event: Recorded, params: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(f"{_same(params)}{event.event_id}".encode()).decode()


def _start(params: dict[str, Any], found: list[Recorded]) -> int:
    """Where a page begins; a token is good for the question it was given for, and no other."""
    if not params.get("NextToken"):
        return 0
    try:
        text = base64.urlsafe_b64decode(params["NextToken"]).decode()
        if not text.startswith(_same(params)):
            raise ValueError
        return [event.event_id for event in found].index(text[16:])
    except ValueError:
        raise _refusal("InvalidNextTokenException", "Invalid token.") from None


def _refusal(code: str, message: str) -> ApiError:
    return ApiError(code, message, status=400)
