"""Lambda's control plane: a request in, an answer out, under the lock of its store."""

from typing import Any

from sandbox.aws import errors, model, names, wire
from sandbox.aws.calls import Call
from sandbox.aws.faults import Fault
from sandbox.aws.functions import Failure
from sandbox.aws.http import Request, Response
from sandbox.aws.names import Place
from sandbox.aws.operations import OPERATIONS, Context
from sandbox.aws.routes import Match
from sandbox.aws.world import World


class ControlPlane:
    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, request: Request, match: Match, place: Place) -> Response:
        operation = match.operation.name
        try:
            self.world.limits.check_rate(place, operation)
            params = wire.read_parameters(request, match)
            return self._answer(match, params, place)
        except errors.ApiError as error:
            return wire.failure(error)

    def _answer(self, match: Match, params: dict[str, Any], place: Place) -> Response:
        store = self.world.store(place)
        with store.lock:
            output = self._run(match.operation.name, params, place)
            status = int(match.operation.http.get("responseCode", 200))
            return wire.success(match.operation.name, status, output)

    def _run(self, operation: str, params: dict[str, Any], place: Place) -> dict[str, Any]:
        found = OPERATIONS.get(operation)
        if found is None:
            raise errors.ApiError(
                "NotImplementedException", f"The sandbox does not know {operation}.", status=501
            )
        return found(Context(operation, params, self.world, self.world.store(place)))

    def call(self, operation: str, params: dict[str, Any], place: Place) -> dict[str, Any]:
        """Run an operation in this process, past the wire and past all faults."""
        shape = model.operation(operation).input_shape
        if shape is not None:
            params = wire.validated(shape, wire.convert(shape, params))
        with self.world.store(place).lock:
            return self._run(operation, params, place)

    def change(self, fault: Fault, call: Call) -> None:
        """Somebody else was quicker."""
        wanted = fault.call
        place = Place(wanted.get("account", call.account), wanted.get("region", call.region))
        params = {"FunctionName": call.function, **wanted.get("parameters", {})}
        self.call(wanted["operation"], params, place)
        if wanted.get("settle", True):
            self.settle(place, params["FunctionName"])

    def doom(self, fault: Fault, call: Call) -> None:
        store = self.world.store(Place(call.account, call.region))
        usual = Failure()
        with store.lock:
            store.outcomes[call.function] = Failure(
                fault.message or usual.reason, fault.code or usual.code
            )

    def settle(self, place: Place, name: str) -> None:
        """End what is Pending or InProgress now."""
        store = self.world.store(place)
        with store.lock:
            if function := store.functions.get(names.bare(name)):
                function.finish()
