"""Refusing a request before Django sees it, so that its sender can read why."""

from __future__ import annotations

import asyncio

from config.asgi_types import Receive, Send
from config.headers import plain

# How much of an unwanted body is still read, and how long the connection then stays open:
# one that is closed over unread bytes is reset, and the answer is lost with it.
LINGER_BYTES = 1_000_000
LINGER_SECONDS = 2.0


async def refuse(send: Send, status: int, sentence: str, *, unread: Receive | None = None) -> None:
    """Answer with one sentence. Give `unread` if a body may still be on its way."""
    body = f"{sentence}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *plain(),
    ]
    if unread:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": unread is not None})
    if unread:
        await linger(unread)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def linger(receive: Receive) -> None:
    """Give a client that is still sending the time to read its answer."""
    taken = 0
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while taken < LINGER_BYTES:
                message = await receive()
                if not message.get("more_body", False):
                    return
                taken += len(message["body"])
            await asyncio.sleep(LINGER_SECONDS)
    except TimeoutError:
        return
