"""Which operation a method and path mean, read from the service model's own templates."""

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs, unquote

from botocore.model import OperationModel

from sandbox.aws import model

LABEL = re.compile(r"\{(\w+)\+?\}")


@dataclass(frozen=True)
class Route:
    operation: OperationModel
    path: re.Pattern[str]
    query: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Match:
    operation: OperationModel
    labels: dict[str, str]
    query: dict[str, list[str]]


@cache
def table() -> dict[tuple[str, int], list[Route]]:
    """Routes by method and number of path segments; those with a fixed query come first."""
    found: dict[tuple[str, int], list[Route]] = {}
    for name in model.service().operation_names:
        operation = model.operation(name)
        path, _, query = operation.http["requestUri"].partition("?")
        pattern = re.compile(LABEL.sub(r"(?P<\1>[^/]+)", path))
        fixed = frozenset((key, values[0]) for key, values in parse_qs(query).items())
        route = Route(operation, pattern, fixed)
        found.setdefault((operation.http["method"], path.count("/")), []).append(route)
    for routes in found.values():
        routes.sort(key=lambda route: -len(route.query))
    return found


def match(method: str, path: str, query: str) -> Match | None:
    """`path` as it came over the wire: labels are unquoted only after they were told apart."""
    path = path.rstrip("/")
    given = parse_qs(query, keep_blank_values=True)
    pairs = {(key, value) for key, values in given.items() for value in values}
    for route in table().get((method, path.count("/")), []):
        found = route.path.fullmatch(path)
        if found and route.query <= pairs:
            labels = {name: unquote(value) for name, value in found.groupdict().items()}
            return Match(route.operation, labels, given)
    return None
