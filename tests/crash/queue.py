"""The queue's keys in Redis: those of this test run, and no others."""

from __future__ import annotations

from django.conf import settings
from redis import Redis


def empty_redis() -> int:
    """Delete every key that belongs to this run's prefix; Redis itself is shared."""
    with Redis.from_url(settings.REDIS_URL, decode_responses=True) as redis:
        waiting = redis.lrange(f"rq:queue:{settings.QUEUE_RELEASES}", 0, -1)
        keys = [f"rq:job:{job}" for job in waiting]
        keys += list(redis.scan_iter(match=f"*{settings.REDIS_PREFIX}*", count=1000))
        return int(redis.delete(*keys)) if keys else 0


def waiting_jobs() -> int:
    with Redis.from_url(settings.REDIS_URL) as redis:
        return int(redis.llen(f"rq:queue:{settings.QUEUE_RELEASES}"))
