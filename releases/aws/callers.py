"""Who calls a function through `$LATEST`, in the three places where AWS keeps that."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from releases.aws.calls import Caller
from releases.aws.errors import AwsError, NotFound, Throttled, Unreachable
from releases.aws.types import LATEST, LatestCallers


def callers_of_latest(caller: Caller, name: str) -> LatestCallers:
    """Event source mappings, the resource policy and the function URL of the bare function.

    An answer that cannot be read counts as not proven. Raises Throttled, Unreachable.
    """
    callers: list[str] = []
    unreadable: list[str] = []
    for place, ask in _PLACES.items():
        try:
            callers += ask(caller, name)
        except (Throttled, Unreachable):
            raise
        except AwsError as error:
            unreadable.append(f"{place}: {error}")
    return LatestCallers(tuple(callers), tuple(unreadable))


def _event_source_mappings(caller: Caller, name: str) -> list[str]:
    """Those of the bare function, and those that spell `$LATEST` out, each once."""
    found: dict[str, str] = {}
    for spelled in (name, f"{name}:{LATEST}"):
        marker: str | None = ""
        while marker is not None:
            request = {"FunctionName": spelled} | ({"Marker": marker} if marker else {})
            page, marker = caller.call("lambda", "ListEventSourceMappings", request, _mappings)
            found |= page
    return list(found.values())


def _mappings(answer: Mapping[str, Any]) -> tuple[dict[str, str], str | None]:
    page = {
        row["UUID"]: f"event source mapping {row['UUID']} ({row.get('State', 'state unknown')}) "
        f"from {row.get('EventSourceArn', 'its own brokers')}"
        for row in answer["EventSourceMappings"]
        if _is_latest(row["FunctionArn"])
    }
    return page, answer.get("NextMarker") or None


def _is_latest(arn: str) -> bool:
    return arn.split(":")[7:] in ([], [LATEST])


def _resource_policy(caller: Caller, name: str) -> list[str]:
    def read(answer: Mapping[str, Any]) -> list[str]:
        return list(_allowed(json.loads(answer["Policy"])["Statement"]))

    try:
        return caller.call("lambda", "GetPolicy", {"FunctionName": name}, read)
    except NotFound:
        return []


def _allowed(statements: Any) -> Iterator[str]:
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement["Effect"] == "Allow":
            who = statement.get("Principal", statement.get("NotPrincipal", "anybody"))
            who = ", ".join(map(str, who.values())) if isinstance(who, dict) else who
            yield f"resource policy {statement.get('Sid', 'statement without Sid')} allows {who}"


def _function_url(caller: Caller, name: str) -> list[str]:
    def read(answer: Mapping[str, Any]) -> list[str]:
        return [f"function URL {answer['FunctionUrl']} ({answer['AuthType']})"]

    try:
        return caller.call("lambda", "GetFunctionUrlConfig", {"FunctionName": name}, read)
    except NotFound:
        return []


_PLACES: dict[str, Callable[[Caller, str], list[str]]] = {
    "event source mappings": _event_source_mappings,
    "resource policy": _resource_policy,
    "function URL": _function_url,
}
