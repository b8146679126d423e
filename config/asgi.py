"""The way in: health, the live stream, and Django behind threads, under one ASGI server.

Django is served as WSGI because under ASGI it would spool a whole body before any view.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

from config import logs
from config.asgi_types import Application, Receive, Scope, Send
from config.bodies import Bodies
from config.health import healthz
from config.live_hub import Hub
from config.live_stream import LiveStream
from releases.checks import refuse_demo_data

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Each thread keeps a database connection, so these are also the connections of one process.
PAGE_THREADS = 16
UPLOAD_THREADS = 6

_wsgi: Any = get_wsgi_application()
refuse_demo_data()
logs.take_over("uvicorn", "uvicorn.error", "uvicorn.access")


def _in_threads(count: int) -> Application:
    return cast(Application, WSGIMiddleware(_wsgi, workers=count))


_django = Bodies(pages=_in_threads(PAGE_THREADS), uploads=_in_threads(UPLOAD_THREADS))
_hub = Hub()
_live = LiveStream(_hub)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/live/":
        await _live(scope, receive, send)
    elif scope["type"] == "http" and scope["path"] == "/healthz/":
        await healthz(send)
    else:
        await _django(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    _before_signals(_hub.close)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await _hub.stop()
    await send({"type": "lifespan.shutdown.complete"})


def _before_signals(callback: Callable[[], None]) -> None:
    """Call `callback` when the server is told to stop.

    The server announces its shutdown to the application only after the last connection is closed,
    and a stream never closes by itself.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        servers_own = signal.getsignal(number)
        if callable(servers_own):
            signal.signal(number, _first(loop, callback, servers_own))


def _first(
    loop: asyncio.AbstractEventLoop, callback: Callable[[], None], then: Callable[..., Any]
) -> Callable[[int, FrameType | None], None]:
    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(callback)
        then(number, frame)

    return handle
