"""The sandbox's own route, for tests and demos in other processes: JSON over HTTP."""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from sandbox.aws.calls import CallLog
from sandbox.aws.control_plane import ControlPlane
from sandbox.aws.errors import ApiError
from sandbox.aws.faults import Fault, Faults
from sandbox.aws.http import Request, Response
from sandbox.aws.moto_backends import DEFAULT_ACCOUNT
from sandbox.aws.names import Place
from sandbox.aws.seed import REGION, Seed, SeedAlias, SeedVersion
from sandbox.aws.world import World

PREFIX = "/_sandbox/"
Query = dict[str, str]
Body = dict[str, Any]


class Admin:
    """`METHOD /_sandbox/<noun>[/<id>[/<verb>]]`."""

    def __init__(
        self, world: World, plane: ControlPlane, faults: Faults, log: CallLog,
        reset: Callable[[], None],
    ) -> None:  # fmt: skip
        self.world, self.plane, self.faults, self.log = world, plane, faults, log
        self._reset = reset
        self.seed = Seed(world)
        self._routes: dict[str, Callable[[str, list[str], Query, Body], Any]] = {
            "health": lambda *_: {"ok": True},
            "reset": self._do_reset,
            "timing": self._timing,
            "limits": self._limits,
            "faults": self._faults,
            "calls": self._calls,
            "settle": self._settle,
            "seed": self._seed,
        }

    def answer(self, request: Request) -> Response:
        noun, *rest = request.path.removeprefix(PREFIX).strip("/").split("/")
        query = {key: values[0] for key, values in parse_qs(request.query).items()}
        route = self._routes.get(noun)
        if route is None:
            return _json(404, {"error": f"no such route: {noun}"})
        try:
            body = json.loads(request.read() or b"{}")
            return _json(200, route(request.method, rest, query, body))
        except KeyError as error:
            return _json(404, {"error": f"not found: {error}"})
        except (TypeError, ValueError, ApiError) as error:
            return _json(400, {"error": str(error)})

    def _do_reset(self, *_: Any) -> Any:
        self._reset()
        return {}

    def _timing(self, method: str, rest: list[str], query: Query, body: Body) -> Any:
        for name, seconds in body.items():
            _change(self.world.timing, name, None if seconds is None else float(seconds))
        return asdict(self.world.timing)

    def _limits(self, method: str, rest: list[str], query: Query, body: Body) -> Any:
        for name, value in body.items():
            _change(self.world.limits, name, value)
        return {"code_storage": self.world.limits.code_storage, "rate": self.world.limits.rate}

    def _faults(self, method: str, rest: list[str], query: Query, body: Body) -> Any:
        if method == "POST" and not rest:
            return {"id": self.faults.add(Fault(**body))}
        if method == "POST":
            self.faults.release(rest[0], apply=body.get("apply", True))
        elif method == "DELETE":
            self.faults.remove(rest[0]) if rest else self.faults.clear()
        elif rest and "wait" in query:
            self.faults.wait_held(rest[0], float(query["wait"]))
        found = self.faults.describe(rest[0] if rest else None)
        return {"faults": found}

    def _calls(self, method: str, rest: list[str], query: Query, body: Body) -> Any:
        if method == "DELETE":
            self.log.clear()
        after = int(query.pop("after", 0))
        return {"calls": [call.describe() for call in self.log.find(after=after, **query)]}

    def _settle(self, method: str, rest: list[str], query: Query, body: Body) -> Any:
        self.plane.settle(_place(body), body["function"])
        return {}

    def _seed(self, method: str, rest: list[str], query: Query, body: Body) -> Any:
        return {"result": getattr(self.seed, _known(rest[0]))(**_seedable(body))}


def _place(body: Body) -> Place:
    return Place(body.get("account", DEFAULT_ACCOUNT), body.get("region", REGION))


def _known(noun: str) -> str:
    if noun not in ("function", "bucket", "object", "image", "signed", "revoked", "event"):
        raise KeyError(noun)
    return noun


def _seedable(body: Body) -> Body:
    """JSON into what Seed takes: base64 for bytes, ISO 8601 for moments."""
    found = dict(body)
    if "body" in found:
        found["body"] = base64.b64decode(found["body"])
    if "code" in found:
        found["code"] = _code(found["code"])
    for moment in ("modified_at", "expires_at", "at"):
        if moment in found:
            found[moment] = datetime.fromisoformat(found[moment])
    if "versions" in found:
        found["versions"] = [_version(version) for version in found["versions"]]
    if "aliases" in found:
        found["aliases"] = {
            name: alias if isinstance(alias, str) else SeedAlias(**alias)
            for name, alias in found["aliases"].items()
        }
    return found


def _version(given: Body) -> SeedVersion:
    found = dict(given)
    if "code" in found:
        found["code"] = _code(found["code"])
    if "published_at" in found:
        found["published_at"] = datetime.fromisoformat(found["published_at"])
    return SeedVersion(**found)


def _code(given: str | dict[str, str]) -> bytes | str:
    """{"zip": base64} or {"image": uri}; a plain string is base64 too."""
    if isinstance(given, dict) and "image" in given:
        return given["image"]
    return base64.b64decode(given["zip"] if isinstance(given, dict) else given)


def _change(target: object, name: str, value: object) -> None:
    if name.startswith("_") or not hasattr(target, name):
        raise KeyError(name)
    setattr(target, name, value)


def _json(status: int, body: Any) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(body).encode())
