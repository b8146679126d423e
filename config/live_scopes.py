"""What somebody whose roles are only for a part may hear of, asked outside of a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections

# Topics that name a row, and its model: asked for when streams open, for the server imports this
# before Django is set up.
ROWS = {
    "function": "Function",
    "release": "Release",
    "comparison": "CodeComparison",
    "intake": "Intake",
}


@dataclass(frozen=True)
class Sight:
    """The topics of the functions that there are for somebody; and those of what they follow."""

    functions: frozenset[str]
    topics: frozenset[str]


def sights_of(follow: Mapping[int, Iterable[frozenset[str]]]) -> dict[int, Sight]:
    """By person, of those who do not see everything; `follow` is what their streams ask for.

    One query where everybody does. Holds no connection afterwards.
    """
    try:
        limited = apps.get_model("accounts", "User").objects.filter(pk__in=follow, role="none")
        return {each.pk: _sight(each, frozenset().union(*follow[each.pk])) for each in limited}
    finally:
        connections.close_all()


def _sight(person: Any, topics: frozenset[str]) -> Sight:
    functions = frozenset(f"function-{pk}" for pk in _visible("Function", person))
    named: dict[str, set[str]] = {}
    for topic in topics:
        kind, _, key = topic.partition("-")
        named.setdefault(kind, set()).add(key)
    seen = {topic for topic in topics if topic.partition("-")[0] not in ROWS}
    for kind, model in ROWS.items():
        if keys := named.get(kind):
            seen |= {f"{kind}-{pk}" for pk in _visible(model, person, pk__in=keys)}
    return Sight(functions, frozenset(seen))


def _visible(model: str, person: Any, **which: Any) -> Iterable[Any]:
    rows = apps.get_model("releases", model).objects.visible_to(person)
    return rows.filter(**which).order_by().values_list("pk", flat=True)  # type: ignore[no-any-return]
