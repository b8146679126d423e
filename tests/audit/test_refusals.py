"""No refusal leaves an action without its row: read from the code of the actions themselves."""

import ast
from collections.abc import Iterator

import pytest

from tests.audit.test_record import ACTIONS, MODULES

VIEWS = ACTIONS.parent / "views"
REFUSALS = {"NotAllowed", "StaleRelease", "StaleDrift", "StalePerson", "OnHold"}


def entries() -> Iterator[tuple[str, str]]:
    """What views call: every action that somebody clicks."""
    for path in VIEWS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "releases.actions."
            ):
                module = (node.module or "").rpartition(".")[2]
                yield from ((module, name.name) for name in node.names)


def takes_a_person(module: str, name: str) -> bool:
    function = MODULES[module].get(name)
    told = {each.arg for each in function.args.kwonlyargs} if function else set()
    return {"by", "origin"} <= told


ENTRIES = sorted({entry for entry in entries() if takes_a_person(*entry)})


def escapes(node: ast.AST, module: str, seen: frozenset[str] = frozenset()) -> list[str]:
    """Where a refusal may leave `node` that no `with refused…` around it writes down."""
    if isinstance(node, ast.With) and any(_records(item.context_expr) for item in node.items):
        return []
    if isinstance(node, ast.Raise) and _name(node.exc) in REFUSALS:
        return [f"{module}.py:{node.lineno}"]
    found = []
    if isinstance(node, ast.Call):
        if _name(node) == "require":
            found.append(f"{module}.py:{node.lineno}")
        found += _of_called(_name(node), module, seen)
    for child in ast.iter_child_nodes(node):
        found += escapes(child, module, seen)
    return found


def _of_called(name: str, module: str, seen: frozenset[str]) -> list[str]:
    homes = [module] if name in MODULES[module] else [m for m in MODULES if name in MODULES[m]]
    return [
        each
        for home in homes
        if f"{home}.{name}" not in seen
        for each in escapes(MODULES[home][name], home, seen | {f"{home}.{name}"})
    ]


def _records(node: ast.AST) -> bool:
    return _name(node).startswith(("refused", "recorded_refusal"))


def _name(node: ast.AST | None) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def test_the_actions_that_people_click_are_found() -> None:
    assert len(ENTRIES) > 30


@pytest.mark.parametrize(("module", "name"), ENTRIES)
def test_every_refusal_of_an_action_is_recorded(module: str, name: str) -> None:
    assert escapes(MODULES[module][name], module) == []


def test_a_refusal_that_nobody_writes_down_is_found() -> None:
    plain = "def act(*, by, origin):\n    policy.require(may(by))\n    raise StaleRelease('late')"
    kept = "def act(*, by, origin):\n    with refused('act'):\n        policy.require(may(by))"
    assert escapes(ast.parse(plain), "approve") == ["approve.py:2", "approve.py:3"]
    assert escapes(ast.parse(kept), "approve") == []
