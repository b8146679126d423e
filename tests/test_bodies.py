"""Promises of `config.bodies` about clients that stall: no thread waits for one without end."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from a2wsgi import WSGIMiddleware

from config import bodies
from config.asgi_types import Message, Scope
from config.bodies import Bodies

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], list[bytes]]
ended: list[str] = []


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "STALL_SECONDS", 0.1)
    monkeypatch.setattr(bodies, "FORM_SECONDS", 0.1)
    ended.clear()


def reads_all(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [])
    try:
        return [environ["wsgi.input"].read()]
    except OSError as error:
        ended.append(str(error))
        return []


def answers_much(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [])
    ended.append("answered")
    return [b"x"] * 100


def scope(method: str, path: str, size: int) -> Scope:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "http_version": "1.1",
        "query_string": b"",
        "headers": [(b"content-length", str(size).encode())],
    }


def serve(app: Any, request: Scope, *, reads: bool = True) -> list[Message]:
    """What a client that sends no body is sent; it may not even read that."""
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        await asyncio.sleep(0 if reads else 60)
        sent.append(message)

    async def run() -> None:
        middleware: Any = WSGIMiddleware(app, workers=1)
        async with asyncio.timeout(5):
            await Bodies(pages=middleware, uploads=middleware)(request, receive, send)
        middleware.executor.shutdown(wait=True)

    asyncio.run(run())
    return sent


def test_a_stalled_upload_frees_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.refusals.LINGER_SECONDS", 0.1)
    serve(reads_all, scope("PUT", bodies.UPLOAD_PATH, 9))
    assert ended == ["The client stopped sending."]


def test_a_stalled_form_takes_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.refusals.LINGER_SECONDS", 0.1)
    assert serve(reads_all, scope("POST", "/", 9))[0]["status"] == 408
    assert ended == []


def test_a_client_that_reads_nothing_frees_its_thread() -> None:
    assert serve(answers_much, scope("GET", "/", 0), reads=False) == []
    assert ended == ["answered"]
