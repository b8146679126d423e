"""What changed -> open browsers. The pages read the database; this only says when to look."""

import json
import re

from django.conf import settings
from django.db import transaction

from releases import broker

TOPIC = re.compile(
    r"dashboard|audit|freezes|(?:release|function|comparison|person)-[1-9][0-9]{0,17}"
    r"|intake-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


# No topic, so no page can follow it: tells the streams to ask now who is signed in and sees what.
PEOPLE_CHANGED = "people-changed"


def channel() -> str:
    """The Redis channel that carries topics, as JSON lists of strings."""
    return f"{settings.REDIS_PREFIX}:live"


def changed(*topics: str) -> None:
    """Tell open pages that these topics changed, after the present transaction commits.

    Never raises for Redis: a page that missed this is right again when it is next loaded.
    """
    message = json.dumps(sorted(set(topics)))
    transaction.on_commit(
        lambda: broker.tell("a live update", lambda redis: redis.publish(channel(), message)),
        robust=True,
    )


def people_changed() -> None:
    """Have the streams of people who are signed out end, and the others say only what their
    people may still see: at once, after the commit.

    Where Redis does not take it, the streams find out by themselves within 15 seconds.
    """
    changed(PEOPLE_CHANGED)
