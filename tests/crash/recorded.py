"""The AWS calls of an undisturbed release, in order; `test_undisturbed.py` keeps them true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from releases.states import Gate

Calls = tuple[tuple[str, str], ...]
STAGE_FIRST, REVIEW_FIRST = Gate.STAGE_FIRST, Gate.REVIEW_FIRST

# What happens until people decide, and what happens after they approved.
BEFORE_THE_GATE: dict[Gate, Calls] = {
    REVIEW_FIRST: (
        ("check", "GetFunction"),
        ("check", "GetAlias"),
        ("check", "GetFunction"),
        ("check", "UpdateFunctionCode"),
    ),
    STAGE_FIRST: (
        ("check", "GetFunction"),
        ("check", "GetAlias"),
        ("check", "ListAliases"),
        ("check", "ListEventSourceMappings"),
        ("check", "ListEventSourceMappings"),
        ("check", "GetPolicy"),
        ("check", "GetFunctionUrlConfig"),
        ("check", "GetFunction"),
        ("check", "UpdateFunctionCode"),
        ("stage", "GetFunction"),
        ("stage", "GetAlias"),
        ("stage", "ListAliases"),
        ("stage", "ListEventSourceMappings"),
        ("stage", "ListEventSourceMappings"),
        ("stage", "GetPolicy"),
        ("stage", "GetFunctionUrlConfig"),
        ("stage", "UpdateFunctionCode"),
        ("stage", "GetFunction"),
    ),
}
_PUBLISH_AND_SHIFT = (
    ("publish", "GetFunction"),
    ("publish", "GetAlias"),
    ("publish", "PublishVersion"),
    ("shift", "UpdateAlias"),
)
AFTER_THE_GATE: dict[Gate, Calls] = {
    REVIEW_FIRST: (
        ("stage", "GetFunction"),
        ("stage", "GetAlias"),
        ("stage", "UpdateFunctionCode"),
        ("stage", "GetFunction"),
        *_PUBLISH_AND_SHIFT,
    ),
    STAGE_FIRST: _PUBLISH_AND_SHIFT,
}
WITHDRAWAL: Calls = (
    ("withdraw", "GetFunction"),
    ("withdraw", "GetFunction"),
    ("withdraw", "UpdateFunctionCode"),
    ("withdraw", "GetFunction"),
)
WRITES = {"UpdateFunctionCode", "PublishVersion", "UpdateAlias", "CreateAlias"}


@dataclass(frozen=True)
class Point:
    """The `skip`-th call of an operation since a worker took the release up."""

    step: str
    operation: str
    skip: int
    after_the_gate: bool = False

    def __str__(self) -> str:
        return f"{self.step}-{self.operation}-{self.skip + 1}"

    @property
    def is_write(self) -> bool:
        return self.operation in WRITES and self.step != "check"


def points(calls: Calls, *, after_the_gate: bool = False) -> Iterator[Point]:
    seen: Counter[str] = Counter()
    for step, operation in calls:
        yield Point(step, operation, seen[operation], after_the_gate)
        seen[operation] += 1


def all_points(gate: Gate) -> list[Point]:
    return [
        *points(BEFORE_THE_GATE[gate]),
        *points(AFTER_THE_GATE[gate], after_the_gate=True),
    ]
