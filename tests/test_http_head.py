"""A client that is slow or endless with the head of its request loses its connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvicorn

from config import http_head
from config.asgi_types import Receive, Scope, Send
from config.http_head import BoundedHead

Client = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def told(client: Client) -> bytes:
    """What the server says to this client, up to the end of the connection."""

    async def run() -> bytes:
        config = uvicorn.Config(answers, port=0, http=BoundedHead, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.timeout(5):
                return await client(reader, writer)
        except ConnectionError:
            return b""
        finally:
            writer.close()
            await server.shutdown()

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_head, "HEAD_SECONDS", 0.2)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    return await reader.read()


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(GET)
    while not reader.at_eof():
        writer.write(b"X-More: 1\r\n")
        await asyncio.sleep(0.05)
        if reader.exception():
            return b""
    return await reader.read()


async def slow_the_second_time(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(GET + b"\r\n")
    first = await reader.readuntil(b"\r\n\r\n")
    return first + await slow(reader, writer)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(GET)
    for number in range(64):
        writer.write(b"X-%d: %s\r\n" % (number, b"y" * 65_536))
        await writer.drain()
    return await reader.read()


@pytest.mark.parametrize("client", [silent, slow, endless])
def test_a_head_without_end_is_not_waited_for(client: Client) -> None:
    assert told(client) == b""


def test_nor_is_the_head_of_a_second_request() -> None:
    assert told(slow_the_second_time).count(b"HTTP/1.1 204 ") <= 1


def test_a_body_may_take_longer_than_a_head() -> None:
    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
        for byte in (b"a", b"b", b"c", b"d"):
            await asyncio.sleep(0.1)
            writer.write(byte)
        return await reader.readuntil(b"\r\n\r\n")

    assert told(patient).startswith(b"HTTP/1.1 204 ")


def test_requests_one_after_the_other_are_answered() -> None:
    async def usual(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        heard = b""
        for _ in range(3):
            writer.write(GET + b"\r\n")
            heard += await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(0.15)
        return heard

    assert told(usual).count(b"HTTP/1.1 204 ") == 3
