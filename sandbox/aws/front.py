"""The front door: tells Lambda, the other services, downloads and the admin route apart."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.aws import errors, lookups, moto_app, moto_backends, names, routes, wire
from sandbox.aws.admin import PREFIX as ADMIN
from sandbox.aws.admin import Admin
from sandbox.aws.calls import Call, CallLog
from sandbox.aws.control_plane import ControlPlane
from sandbox.aws.downloads import PREFIX as DOWNLOADS
from sandbox.aws.fate import Fate
from sandbox.aws.faults import Faults
from sandbox.aws.http import Request, Response
from sandbox.aws.limits import REQUEST
from sandbox.aws.names import Place
from sandbox.aws.routes import Match
from sandbox.aws.trail import Who
from sandbox.aws.world import World

LOG = logging.getLogger(__name__)
LAMBDA_PATH = re.compile(r"/20\d\d-\d\d-\d\d/")
REGION = "us-east-1"
EXPIRED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
)


@dataclass(frozen=True)
class Signature:
    """Who signed, for which Region and service: the credential scope, unverified."""

    access_key: str
    region: str
    service: str


def signature(request: Request) -> Signature | None:
    match = re.search(r"Credential=([^,\s]+)", request.headers.get("Authorization", ""))
    parts = match[1].split("/") if match else []
    return Signature(parts[-5], parts[-3], parts[-2]) if len(parts) >= 5 else None


class Front:
    def __init__(self, world: World, plane: ControlPlane, faults: Faults, log: CallLog) -> None:
        self.world = world
        self.plane = plane
        self.fate = Fate(faults, log, plane.change, plane.doom)
        self.moto = moto_app.MotoApp()
        self.admin: Admin | None = None

    def answer(self, request: Request) -> Response:
        if request.path.startswith(ADMIN) and self.admin:
            return self.admin.answer(request)
        if request.path.startswith(DOWNLOADS):
            return self._download(request)
        _receive(request)
        signed = signature(request)
        if signed and signed.service == "lambda":
            return self._lambda(request, signed)
        if signed is None and LAMBDA_PATH.match(request.path):
            return _refused("MissingAuthenticationTokenException", "Missing Authentication Token")
        return self._other(request, signed)

    def _lambda(self, request: Request, signed: Signature) -> Response:
        match = routes.match(request.method, request.path, request.query)
        if match is None:
            return _refused("UnknownOperationException", "", status=404)
        place = Place(_account(request, signed), signed.region)
        call = _call(place, "lambda", match.operation.name, _function(match, request))
        who = Who(signed.access_key, request_id=call.request_id, agent=_agent(request))
        return self.fate.run(
            call, lambda: _answered("lambda", lambda: self.plane.answer(request, match, place, who))
        )

    def _other(self, request: Request, signed: Signature | None) -> Response:
        found = signed or Signature("", REGION, "s3")
        place = Place(_account(request, found), found.region)
        name = moto_app.operation(request, found.service)
        call = _call(place, found.service, name, "")
        if (found.service, name) == ("cloudtrail", lookups.OPERATION):
            answer = lambda: lookups.answer(self.world, request, place)  # noqa: E731
        else:
            answer = lambda: self.moto.answer(request)  # noqa: E731
        return self.fate.run(call, lambda: _answered(found.service, answer))

    def _download(self, request: Request) -> Response:
        digest = self.world.downloads.digest(request.path, request.query)
        content = self.world.packages.open(digest) if digest else None
        if content is None or digest is None:
            return Response(403, [("Content-Type", "application/xml")], EXPIRED)
        size = str(self.world.packages.size(digest))
        headers = [("Content-Type", "application/zip"), ("Content-Length", size)]
        return Response(200, headers, content)


def _answered(service: str, answer: Callable[[], Response]) -> Response:
    """Also when nobody foresaw what happened, so that the call log has it."""
    try:
        return answer()
    except Exception:
        LOG.exception("an answer of %s", service)
        return wire.failure(errors.broken(), service)


def _agent(request: Request) -> str:
    return str(request.headers.get("User-Agent", ""))


def _receive(request: Request) -> None:
    """Take in the whole body first: AWS has it before anything can go wrong with the call."""
    if 0 < request.length <= REQUEST:
        request.replay(request.read())


def _account(request: Request, signed: Signature) -> str:
    forced: str | None = request.headers.get("x-moto-account-id")
    return forced or moto_backends.account_of(signed.access_key)


def _call(place: Place, service: str, operation: str, function: str) -> Call:
    return Call(service, operation, place.account, place.region, function, wire.new_request_id())


def _function(match: Match, request: Request) -> str:
    """Known from the path; CreateFunction alone says it in the body, which is put back."""
    written = match.labels.get("FunctionName")
    if written is None and match.operation.name == "CreateFunction":
        written = _created(request)
    return names.bare(written) if written else ""


def _created(request: Request) -> str | None:
    if request.length > REQUEST:
        return None
    content = request.read()
    request.replay(content)
    found = re.search(rb'"FunctionName"\s*:\s*"([^"]*)"', content)
    return found[1].decode(errors="replace") if found else None


def _refused(code: str, message: str, status: int = 403) -> Response:
    response = wire.failure(errors.ApiError(code, message, status=status))
    response.headers.append(("x-amzn-RequestId", wire.new_request_id()))
    return response
