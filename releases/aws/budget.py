"""One budget of calls a second per account and Region, shared by all processes (facts L2)."""

import os
import threading
import time
from collections.abc import Callable

from limits.storage import MemoryStorage, RedisStorage
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from releases.aws.client import AwsSettings
from releases.aws.errors import Throttled
from releases.aws.types import Target

# Kept free for rollbacks: ordinary calls use the same bucket up to this much below its rim.
KEPT_FOR_URGENT = 3
GET_FUNCTION_PER_SECOND = 100
COUNTED = ("lambda", "cloudtrail")

MAX_WAIT = 10.0
STEP = 0.05
# Redis must never slow a rollback down: it is asked briefly, and left alone once it failed.
REDIS_TIMEOUT = 0.2
REDIS_REST = 5.0

_lock = threading.Lock()
_shared: dict[tuple[str, str], RedisStorage] = {}
_own: list[MemoryStorage] = []
_down_until = 0.0


def wait_for_turn(
    target: Target,
    operation: str,
    *,
    urgent: bool,
    settings: AwsSettings,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return when the call may be made. Raises Throttled after ten seconds in the queue."""
    bucket, limit = _bucket(operation, settings.calls_per_second)
    key = f"{target.account_id}/{target.region}/{bucket}"
    kept = 0 if urgent or bucket == "LookupEvents" else KEPT_FOR_URGENT
    allowed = max(1, limit - kept)
    deadline = time.monotonic() + MAX_WAIT
    while not _take(key, allowed, settings):
        if time.monotonic() >= deadline:
            raise Throttled(
                f"Sluice itself has used up its {allowed} calls a second to Lambda in account "
                f"{target.account_id}, {target.region}, for {MAX_WAIT:.0f} seconds.",
                name="CallBudgetUsedUp",
                operation=operation,
            )
        sleep(STEP)


def _bucket(operation: str, calls_per_second: int) -> tuple[str, int]:
    """GetFunction and GetPolicy have buckets of their own (facts F7, L2), and so has CloudTrail."""
    if operation == "LookupEvents":
        return operation, max(1, calls_per_second * 2 // 15)  # two, where Lambda has fifteen
    if operation == "GetFunction":
        return operation, GET_FUNCTION_PER_SECOND
    return "GetPolicy" if operation == "GetPolicy" else "control", calls_per_second


def _take(key: str, limit: int, settings: AwsSettings) -> bool:
    global _down_until
    if settings.redis_url and time.monotonic() >= _down_until:
        try:
            return _redis(settings).acquire_entry(key, limit, expiry=1)
        except (RedisError, OSError):
            _down_until = time.monotonic() + REDIS_REST
    return _memory().acquire_entry(key, limit, expiry=1)


def _redis(settings: AwsSettings) -> RedisStorage:
    address = (settings.redis_url, settings.redis_prefix)
    with _lock:
        if address not in _shared:
            _shared[address] = RedisStorage(
                settings.redis_url,
                key_prefix=f"{settings.redis_prefix}:aws-budget",
                socket_timeout=REDIS_TIMEOUT,
                socket_connect_timeout=REDIS_TIMEOUT,
                retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]
            )
        return _shared[address]


def _memory() -> MemoryStorage:
    with _lock:
        if not _own:
            _own.append(MemoryStorage())
        return _own[0]


def warm(settings: AwsSettings) -> None:
    """Load what the Redis storage imports, so that children forked later need not."""
    if settings.redis_url:
        _redis(settings)


def forget() -> None:
    """Forget connections, the process's own counts, and that Redis was down."""
    global _lock, _down_until
    _lock = threading.Lock()
    _shared.clear()
    _own.clear()
    _down_until = 0.0


os.register_at_fork(after_in_child=forget)
