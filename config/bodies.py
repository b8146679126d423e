"""Request bodies: how much of one is taken, and how long Django's threads wait for it."""

from __future__ import annotations

import asyncio

from config.asgi_types import Application, Message, Receive, Scope, Send, header
from config.refusals import linger, refuse
from releases.packages.sizes import UPLOAD_LIMIT, in_words

UPLOAD_PATH = "/intakes/upload/"
FORM_LIMIT = 2_621_440  # as Django itself would take
FORM_SECONDS = 60.0
STALL_SECONDS = 30.0


class Bodies:
    """Django's two entrances: one for packages, streamed; one for everything else.

    Forms are read on the event loop, so that a client that stalls holds no thread. Packages are
    read by a thread as they come, out of a pool of their own: slow uploads never stop the pages.
    """

    def __init__(self, *, pages: Application, uploads: Application) -> None:
        self._pages = pages
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._pages(scope, receive, send)
        is_upload = scope["method"] == "PUT" and scope["path"] == UPLOAD_PATH
        size = int(header(scope, b"content-length") or 0)
        if problem := _problem(scope, size, UPLOAD_LIMIT if is_upload else FORM_LIMIT):
            return await refuse(send, *problem, unread=receive)
        exchange = Exchange(receive, send, size)
        scope = as_wsgi_expects(scope)
        if is_upload:
            return await self._uploads(scope, exchange.receive, exchange.send)
        try:
            async with asyncio.timeout(FORM_SECONDS):
                form = await exchange.read()
        except TimeoutError:
            return await refuse(send, 408, "The form did not arrive in time.", unread=receive)
        except ConnectionResetError:
            return None
        return await self._pages(scope, _replay(form), exchange.send)


class Exchange:
    """One request as Django's thread meets it: no endless waits, and an end that can be read."""

    def __init__(self, receive: Receive, send: Send, size: int) -> None:
        self._receive = receive
        self._send = send
        self._unread = size
        self._closes = False
        self._is_stuck = False

    async def receive(self) -> Message:
        """The next part of the body.

        Raises OSError if the client went away or stalls: a2wsgi takes a disconnect for the end of
        the body, and a package cut short must never look like one that is complete.
        """
        try:
            async with asyncio.timeout(STALL_SECONDS):
                message = await self._receive()
        except TimeoutError:
            raise TimeoutError("The client stopped sending.") from None
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("The client went away before the body was complete.")
        self._unread -= len(message["body"])
        return message

    async def read(self) -> bytes:
        body = bytearray()
        while self._unread > 0:
            body += (await self.receive())["body"]
        return bytes(body)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self._unread > 0:
            self._closes = True
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        is_last = message["type"] == "http.response.body" and not message.get("more_body")
        if is_last and self._closes:
            await self._pass({**message, "more_body": True})
            await linger(self._receive)
            message = {**message, "body": b""}
        await self._pass(message)

    async def _pass(self, message: Message) -> None:
        """Send, unless the client stopped reading. Raising here would leave the thread waiting."""
        if self._is_stuck:
            return
        try:
            async with asyncio.timeout(STALL_SECONDS):
                await self._send(message)
        except TimeoutError:
            self._is_stuck = True


def _problem(scope: Scope, size: int, limit: int) -> tuple[int, str] | None:
    if header(scope, b"transfer-encoding"):
        return 411, "Send the length of the body with the request, not the body in chunks."
    if size > limit:
        return 413, f"The request is {in_words(size)}; at most {in_words(limit)} are taken here."
    return None


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def as_wsgi_expects(scope: Scope) -> Scope:
    """The request without headers that would take another one's name in a WSGI environment.

    There, `X_Forwarded_Proto` is the same as the header that only the proxy may set. And HEAD is
    GET, whose body the server leaves out: views know of looking and of acting, and of nothing else.
    """
    headers = [pair for pair in scope["headers"] if b"_" not in pair[0]]
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    return {**scope, "headers": headers, "method": method}
