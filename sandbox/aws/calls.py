"""The log of recent calls, and what is known of a call while it runs."""

import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT = 20_000


@dataclass
class Call:
    """One request to AWS; status 0 means that it got no answer."""

    service: str
    operation: str
    account: str
    region: str
    function: str
    request_id: str
    at: float = field(default_factory=time.time)
    status: int = 0
    seconds: float = 0.0
    fault: str = ""
    number: int = 0

    def describe(self) -> dict[str, Any]:
        return asdict(self)


class CallLog:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, call: Call) -> None:
        with self._lock:
            self._count += 1
            call.number = self._count
            self._calls.append(call)

    def find(self, *, after: int = 0, **wanted: str) -> list[Call]:
        """Calls in the order they ended, newest last: `find(operation="PublishVersion")`."""
        with self._lock:
            calls = [call for call in self._calls if call.number > after]
        return [c for c in calls if all(getattr(c, k) == v for k, v in wanted.items())]

    def restore(self, calls: list[Call]) -> None:
        """Have been asked these, and no others."""
        self.clear()
        for call in calls:
            self.add(call)

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
