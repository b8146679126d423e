"""Event source mappings, kept only so that a reader sees what calls a function."""

import time
import uuid
from typing import Any

from sandbox.aws import errors
from sandbox.aws.names import parse
from sandbox.aws.operations.registry import Context, Output, as_it_is, operation

NOT_SHOWN = ("FunctionName", "Enabled", "Tags")


def _mapping(ctx: Context) -> dict[str, Any]:
    found = ctx.store.event_sources.get(ctx.params["UUID"])
    if found is None:
        raise errors.not_found()
    return found


def _asked_arn(ctx: Context) -> str:
    target = ctx.target()
    return ctx.place.function_arn(target.name, target.qualifier)


@operation("CreateEventSourceMapping")
def create_event_source_mapping(ctx: Context) -> Output:
    target = parse(ctx.params["FunctionName"], None, ctx.place, ctx.operation)
    ctx.store.function(target.name, target.qualifier).find(target.qualifier)
    given = {key: value for key, value in ctx.params.items() if key not in NOT_SHOWN}
    identifier = str(uuid.uuid4())
    mapping = {
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        **given,
        "UUID": identifier,
        "FunctionArn": _asked_arn(ctx),
        "EventSourceMappingArn": ctx.place.arn("event-source-mapping", identifier),
        "LastModified": time.time(),
        "State": "Disabled" if ctx.params.get("Enabled") is False else "Enabled",
        "StateTransitionReason": "USER_INITIATED",
    }
    ctx.store.event_sources[identifier] = mapping
    ctx.store.tags[mapping["EventSourceMappingArn"]] = dict(ctx.params.get("Tags") or {})
    return mapping


@operation("GetEventSourceMapping")
def get_event_source_mapping(ctx: Context) -> Output:
    return _mapping(ctx)


@operation("UpdateEventSourceMapping")
def update_event_source_mapping(ctx: Context) -> Output:
    mapping = _mapping(ctx)
    mapping |= {k: v for k, v in ctx.params.items() if k not in NOT_SHOWN and v is not None}
    if ctx.params.get("FunctionName"):
        mapping["FunctionArn"] = _asked_arn(ctx)
    if (enabled := ctx.params.get("Enabled")) is not None:
        mapping["State"] = "Enabled" if enabled else "Disabled"
    mapping["LastModified"] = time.time()
    return mapping


@operation("DeleteEventSourceMapping")
def delete_event_source_mapping(ctx: Context) -> Output:
    mapping = _mapping(ctx)
    del ctx.store.event_sources[mapping["UUID"]]
    ctx.store.tags.pop(mapping["EventSourceMappingArn"], None)
    return {**mapping, "State": "Deleting"}


@operation("ListEventSourceMappings")
def list_event_source_mappings(ctx: Context) -> Output:
    wanted = _asked_arn(ctx) if ctx.params.get("FunctionName") else None
    source = ctx.params.get("EventSourceArn")
    rows = [
        (identifier, mapping)
        for identifier, mapping in sorted(ctx.store.event_sources.items())
        if (wanted is None or mapping["FunctionArn"] == wanted)
        and (source is None or mapping.get("EventSourceArn") == source)
    ]
    return ctx.page(rows, as_it_is, cap=100).answer("EventSourceMappings")
