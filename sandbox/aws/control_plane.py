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
from sandbox.aws.trail import Recorded, Who, loggable
from sandbox.aws.world import World

SOMEBODY = "somebody"  # who changes things when nobody says who


class ControlPlane:
    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, request: Request, match: Match, place: Place, who: Who) -> Response:
        operation = match.operation.name
        params = None
        try:
            self.world.limits.check_rate(place, operation)
            params = wire.read_parameters(request, match)
            return self._answer(match, params, place, who)
        except errors.ApiError as error:
            # Lambda repeats the environment values that it refuses.
            secret = params is None or params.get("Environment")
            said = "" if secret else error.message
            self._record(operation, params, place, who, error=(error.code, said))
            return wire.failure(error)

    def _answer(self, match: Match, params: dict[str, Any], place: Place, who: Who) -> Response:
        store = self.world.store(place)
        with store.lock:
            output = self._run(match.operation.name, params, place)
            self._record(match.operation.name, params, place, who, output)
            status = int(match.operation.http.get("responseCode", 200))
            return wire.success(match.operation.name, status, output)

    def _record(
        self,
        operation: str,
        params: dict[str, Any] | None,
        place: Place,
        who: Who,
        output: dict[str, Any] | None = None,
        error: tuple[str, str] | None = None,
    ) -> None:
        event = Recorded(place, operation, who, loggable(params), loggable(output), error)
        self.world.store(place).trail.add(event)

    def _run(self, operation: str, params: dict[str, Any], place: Place) -> dict[str, Any]:
        found = OPERATIONS.get(operation)
        if found is None:
            raise errors.ApiError(
                "NotImplementedException", f"The sandbox does not know {operation}.", status=501
            )
        return found(Context(operation, params, self.world, self.world.store(place)))

    def call(
        self, operation: str, params: dict[str, Any], place: Place, user: str = ""
    ) -> dict[str, Any]:
        """Run an operation in this process, past the wire and past all faults, as that user."""
        shape = model.operation(operation).input_shape
        if shape is not None:
            params = wire.validated(shape, wire.convert(shape, params))
        with self.world.store(place).lock:
            output = self._run(operation, params, place)
            self._record(operation, params, place, Who(user=user or SOMEBODY), output)
            return output

    def change(self, fault: Fault, call: Call) -> None:
        """Somebody else was quicker."""
        wanted = fault.call
        place = Place(wanted.get("account", call.account), wanted.get("region", call.region))
        params = {"FunctionName": call.function, **wanted.get("parameters", {})}
        self.call(wanted["operation"], params, place, wanted.get("user", ""))
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
