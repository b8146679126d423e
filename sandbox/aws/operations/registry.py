"""The table of operations, and what each of them is given."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.aws.functions import Failure, Function
from sandbox.aws.names import Place, Target, parse
from sandbox.aws.pages import Page, Row, Show, page
from sandbox.aws.world import Store, World

Output = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """One call: validated parameters, and the store it works on, whose lock is held."""

    operation: str
    params: dict[str, Any]
    world: World
    store: Store

    @property
    def place(self) -> Place:
        return self.store.place

    def target(self) -> Target:
        return parse(
            self.params["FunctionName"], self.params.get("Qualifier"), self.place, self.operation
        )

    def function(self) -> Function:
        return self.store.function(self.target().name)

    def outcome(self, name: str) -> Failure | None:
        return self.store.outcomes.pop(name, None)

    def page(self, rows: list[tuple[str, Row]], show: Show[Row], cap: int = 50) -> Page:
        return page(rows, self.params.get("Marker"), self.params.get("MaxItems"), cap, show)


def as_it_is(row: Output) -> Output:
    return row


Operation = Callable[[Context], Output]
OPERATIONS: dict[str, Operation] = {}


def operation(name: str) -> Callable[[Operation], Operation]:
    def register(function: Operation) -> Operation:
        OPERATIONS[name] = function
        return function

    return register
