"""Telling Redis something: a hint that others act on sooner, never the record of anything."""

import functools
import logging
import time
from collections.abc import Callable

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

SOCKET_SECONDS = 0.5
# After a failure nobody else waits for the sockets again; `recover()` and reloads catch up.
REMEMBER_DOWN_SECONDS = 3.0

_down_until = 0.0


def tell(what: str, send: Callable[[Redis], object]) -> bool:
    """Let `send` speak to Redis, and say whether it could. A Redis that is down raises nothing."""
    global _down_until
    if time.monotonic() < _down_until:
        return False
    try:
        send(_client(settings.REDIS_URL))
    except (RedisError, OSError, ValueError) as error:
        _down_until = time.monotonic() + REMEMBER_DOWN_SECONDS
        logger.warning("Redis did not take %s: %s", what, error)
        return False
    return True


def is_up() -> bool:
    """Whether Redis answers. One that is down is asked again after three seconds."""
    return tell("a question", lambda redis: redis.ping())


@functools.cache
def _client(url: str) -> Redis:
    """The process's client. It waits half a second and does not try again by itself."""
    return Redis.from_url(
        url,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
