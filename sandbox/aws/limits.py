"""Quotas: code storage, and the request rate that is off until asked for (facts L1, L2)."""

import threading
from dataclasses import dataclass, field

from sandbox.aws import errors
from sandbox.aws.names import Place
from sandbox.aws.timing import clock

ZIPPED = 52_428_800
UNZIPPED = 262_144_000
REQUEST = 70_167_211
CODE_STORAGE = 80_530_636_800
RATES = {"GetFunction": 100.0, "GetPolicy": 15.0}
SHARED_RATE = 15.0
LOOKUP_RATE = 2.0


@dataclass
class Bucket:
    """Tokens of one second's worth, filled continuously."""

    rate: float
    tokens: float
    at: float

    def take(self) -> bool:
        now = clock()
        self.tokens = min(self.rate, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass
class Limits:
    code_storage: int = CODE_STORAGE
    rate: bool = False
    _buckets: dict[tuple[Place, str], Bucket] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def check_rate(self, place: Place, operation: str) -> None:
        name = operation if operation in RATES else "shared"
        if not self._take(place, name, RATES.get(operation, SHARED_RATE)):
            raise errors.throttled()

    def check_lookups(self, place: Place) -> None:
        """CloudTrail's own two a second."""
        if not self._take(place, "LookupEvents", LOOKUP_RATE):
            raise errors.ApiError("ThrottlingException", "Rate exceeded", status=400)

    def _take(self, place: Place, name: str, rate: float) -> bool:
        if not self.rate:
            return True
        with self._lock:
            bucket = self._buckets.setdefault((place, name), Bucket(rate, rate, clock()))
            return bucket.take()

    def reset(self) -> None:
        """Back to AWS's own defaults."""
        with self._lock:
            self.code_storage, self.rate = CODE_STORAGE, False
            self._buckets.clear()
