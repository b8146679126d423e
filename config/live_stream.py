"""GET /live/?topics=release-12,dashboard: server-sent events that name what changed."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from django.conf import settings
from django.db import DatabaseError
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host

from config.asgi_types import Headers, Receive, Scope, Send, header
from config.headers import plain
from config.live_hub import Hub
from config.live_listener import Listener
from config.refusals import refuse
from releases import live

MAX_TOPICS = 20
# Several changes within this time are one event: a page fetches once, not five times.
GATHER_SECONDS = 0.05
STUCK_SECONDS = 30.0
NO_DATABASE = "The database does not answer. Try again in a moment."
SIGNED_OUT = b"event: signed-out\ndata: {}\n\n"
HEADERS: Headers = [
    (b"content-type", b"text/event-stream"),
    (b"x-accel-buffering", b"no"),
]


class LiveStream:
    """The stream as a small ASGI app: no thread and no database connection while it is open."""

    def __init__(self, hub: Hub, *, heartbeat_every: float = 15.0) -> None:
        self._hub = hub
        self._heartbeat_every = heartbeat_every

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        topics = _topics(scope)
        if problem := _problem(scope, topics):
            return await refuse(send, *problem)
        session_key = parse_cookie(header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME, "")
        try:
            person = (await self._hub.signed_in({session_key})).get(session_key)
        except DatabaseError:
            return await refuse(send, 503, NO_DATABASE)
        if person is None:
            return await _refuse_stranger(scope, send)
        if any(t.startswith("person-") and t != f"person-{person}" for t in topics):
            return await refuse(send, 403, "Nobody follows what is another person's.")
        listener = Listener(topics, session_key, person)
        try:
            await self._hub.look([listener])
        except DatabaseError:
            return await refuse(send, 503, NO_DATABASE)
        try:
            await self._hub.join(listener)
            await self._talk(listener, receive, send)
        finally:
            self._hub.leave(listener)
        return None

    async def _talk(self, listener: Listener, receive: Receive, send: Send) -> None:
        departure = asyncio.create_task(_end_with_client(listener, receive))
        is_over = False
        try:
            await send(
                {"type": "http.response.start", "status": 200, "headers": [*HEADERS, *plain()]}
            )
            await _say(send, b"retry: 2000\n\n")
            while not is_over:
                words = await self._next_words(listener)
                is_over = listener.is_over
                await _say(send, words, more=not is_over)
        except TimeoutError:
            return  # The client stopped reading; the server closes what is left unfinished.
        finally:
            departure.cancel()

    async def _next_words(self, listener: Listener) -> bytes:
        try:
            async with asyncio.timeout(self._heartbeat_every):
                await listener.wake.wait()
        except TimeoutError:
            return b": still here\n\n"
        await asyncio.sleep(GATHER_SECONDS)
        return b"".join(b"event: %s\ndata: {}\n\n" % e.encode() for e in listener.take())


async def _say(send: Send, words: bytes, *, more: bool = True) -> None:
    async with asyncio.timeout(STUCK_SECONDS):
        await send({"type": "http.response.body", "body": words, "more_body": more})


async def _end_with_client(listener: Listener, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


def _topics(scope: Scope) -> frozenset[str]:
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("topics", [""])
    return frozenset(asked[0].split(","))


def _problem(scope: Scope, topics: frozenset[str]) -> tuple[int, str] | None:
    """Why this request is refused before anybody asks who it is from."""
    host, _ = split_domain_port(header(scope, b"host"))
    if not validate_host(host, settings.ALLOWED_HOSTS):
        return 400, "This is not the address of Sluice."
    if scope["method"] != "GET":
        return 405, "The stream can only be read."
    # Only Sluice's own pages open streams. Clients that are no browser send no such header.
    if header(scope, b"sec-fetch-site") in ("cross-site", "same-site"):
        return 403, "Another site's page cannot follow what happens here."
    if len(topics) > MAX_TOPICS:
        return 400, f"A page follows at most {MAX_TOPICS} topics."
    if not all(live.TOPIC.fullmatch(topic) for topic in topics):
        return 400, "Name what to follow, as in ?topics=release-12,dashboard."
    return None


async def _refuse_stranger(scope: Scope, send: Send) -> None:
    """Refuse somebody who is not signed in.

    EventSource cannot read a refusal, and htmx's extension answers every one by trying again for
    ever; it stops at the event that `sse-close` names.
    """
    if "text/event-stream" not in header(scope, b"accept"):
        return await refuse(send, 403, "Sign in to follow what happens.")
    await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *plain()]})
    return await _say(send, SIGNED_OUT, more=False)
