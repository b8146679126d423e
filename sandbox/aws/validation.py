"""Input checked against botocore's shapes, refused in AWS's own words (facts W3)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

Constraint = tuple[Callable[[Any], bool], str]
_known: dict[str, tuple[Constraint, ...]] = {}

AT = "Value {} at '{}' failed to satisfy constraint: {}"
NOT_NULL = "Member must not be null"


def problems(shape: StructureShape, params: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Every violated constraint, in the order of the model."""
    for name in shape.required_members:
        if params.get(name) is None:
            yield AT.format("null", prefix + _camel(name), NOT_NULL)
    for name, value in params.items():
        if value is not None and name in shape.members:
            yield from _member(shape.members[name], value, prefix + _camel(name))


def _member(shape: Shape, value: Any, path: str) -> Iterator[str]:
    for constraint in _violated(shape, value):
        yield _at(shape, value, path, constraint)
    if isinstance(shape, StructureShape):
        yield from problems(shape, value, path + ".")
    elif isinstance(shape, ListShape):
        yield from _items(shape, value, path)
    elif isinstance(shape, MapShape):
        yield from _entries(shape, value, path)


def _items(shape: ListShape, values: list[Any], path: str) -> Iterator[str]:
    if isinstance(shape.member, StructureShape) and None not in values:
        for number, value in enumerate(values, start=1):
            yield from problems(shape.member, value, f"{path}.{number}.member.")
    elif any(_violated(shape.member, value) for value in values):
        members = [*_texts(shape.member), NOT_NULL]
        yield _at(shape, values, path, f"Member must satisfy constraint: {_listed(members)}")


def _entries(shape: MapShape, values: dict[str, Any], path: str) -> Iterator[str]:
    # Of lists and maps AWS prints every constraint, broken or not; of keys none about null.
    if any(_violated(shape.key, key) for key in values):
        keys = _listed(_texts(shape.key))
        yield _at(shape, values, path, f"Map keys must satisfy constraint: {keys}")
    if any(_violated(shape.value, value) for value in values.values()):
        members = _listed([*_texts(shape.value), NOT_NULL])
        yield _at(shape, values, path, f"Map value must satisfy constraint: {members}")


def _violated(shape: Shape, value: Any) -> list[str]:
    if value is None:
        return [NOT_NULL]
    return [text for holds, text in _constraints(shape) if not holds(value)]


def _texts(shape: Shape) -> list[str]:
    return [text for _, text in _constraints(shape)]


def _listed(texts: list[str]) -> str:
    return f"[{', '.join(texts)}]"


def _constraints(shape: Shape) -> tuple[Constraint, ...]:
    found = _known.get(shape.name)
    if found is None:
        found = _known[shape.name] = tuple(_read(shape))
    return found


def _read(shape: Shape) -> Iterator[Constraint]:
    limits = shape.metadata
    numeric = shape.type_name in ("integer", "long", "float", "double")
    measure: Callable[[Any], Any] = (lambda value: value) if numeric else len
    noun = "value" if numeric else "length"
    if shape.type_name not in ("structure", "boolean", "timestamp"):
        if (high := limits.get("max")) is not None:
            text = f"Member must have {noun} less than or equal to {high}"
            yield (lambda value: measure(value) <= high), text
        if (low := limits.get("min")) is not None:
            text = f"Member must have {noun} greater than or equal to {low}"
            yield (lambda value: measure(value) >= low), text
    if pattern := limits.get("pattern"):
        compiled = re.compile(_portable(pattern))
        yield (
            lambda value: compiled.fullmatch(value) is not None,
            f"Member must satisfy regular expression pattern: {pattern}",
        )
    if (choices := limits.get("enum")) and shape.name != "Runtime":  # settings refuses that one
        text = f"Member must satisfy enum value set: [{', '.join(choices)}]"
        yield (lambda value: value in choices), text


def _portable(pattern: str) -> str:
    """Java's Unicode classes, as near as Python's own engine comes."""
    return pattern.replace(r"\p{L}\p{Z}\p{N}", r"\w\s")


def _at(shape: Shape, value: Any, path: str, constraint: str) -> str:
    if shape.metadata.get("sensitive"):
        return AT.format("", path, constraint).replace("Value  at", "Value at")
    return AT.format(f"'{_shown(value)}'", path, constraint)


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return _listed([_shown(item) for item in value])
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]
