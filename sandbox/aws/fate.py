"""One call on its way through the faults that are due for it."""

import time
from collections.abc import Callable
from typing import Any

from sandbox.aws import wire
from sandbox.aws.calls import Call, CallLog
from sandbox.aws.errors import ApiError, Dropped
from sandbox.aws.faults import Fault, Faults
from sandbox.aws.http import Response

Elsewhere = Callable[[Fault, Call], Any]


class Fate:
    def __init__(self, faults: Faults, log: CallLog, change: Elsewhere, doom: Elsewhere) -> None:
        self.faults = faults
        self.log = log
        self._elsewhere = {"change": change, "fail_update": doom}

    def run(self, call: Call, apply: Callable[[], Response]) -> Response:
        """The answer to a call, or Dropped; either way it is logged before anybody hears of it."""
        started = time.perf_counter()
        try:
            response = self._through(call, apply)
            call.status = response.status
            response.headers.append(("x-amzn-RequestId", call.request_id))
            return response
        finally:
            call.seconds = round(time.perf_counter() - started, 6)
            self.log.add(call)

    def _through(self, call: Call, apply: Callable[[], Response]) -> Response:
        due = self.faults.matching(call)
        call.fault = ",".join(fault.action for fault in due)
        for fault in due:
            if not fault.after and (instead := self._suffer(fault, call)):
                return instead
        response = apply()
        for fault in due:
            if fault.after and (instead := self._suffer(fault, call)):
                return instead
        return response

    def _suffer(self, fault: Fault, call: Call) -> Response | None:
        if fault.action in self._elsewhere:
            self._elsewhere[fault.action](fault, call)
        elif fault.action == "error":
            return wire.failure(_error(fault), call.service)
        elif fault.action == "drop":
            raise Dropped
        elif fault.action == "hold":
            if not self.faults.hold(fault):
                raise Dropped
        elif self.faults.closing.wait(fault.seconds) or fault.action == "hang":
            raise Dropped
        return None


def _error(fault: Fault) -> ApiError:
    """The asked-for error; a bare status gets the exception AWS would use for it."""
    usual = {429: "TooManyRequestsException", 500: "ServiceException"}
    code = fault.code or usual.get(fault.status, "ServiceUnavailableException")
    status = fault.status or None
    extra = fault.extra
    if code == "TooManyRequestsException" and not extra:
        extra = {"Reason": "CallerRateLimitExceeded"}
    message = fault.message or ("Rate exceeded" if status == 429 else "An error occurred.")
    kind = "Service" if status and status >= 500 else "User"
    return ApiError(code, message, status=status, kind=kind, extra=extra)
