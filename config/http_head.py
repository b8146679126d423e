"""The head of a request: how long it may take to arrive, and how long it may be.

uvicorn waits for it without end and keeps whatever comes. A slow client holds no thread here, but
enough of them hold all the connections and the memory that this process may have.
"""

from __future__ import annotations

import asyncio
import logging

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0
HEAD_BYTES = 64 * 1024
logger = logging.getLogger(__name__)


class BoundedHead(HttpToolsProtocol):
    """uvicorn's own protocol, which closes a connection whose next head does not come to an end.

    Between two requests uvicorn's keep-alive closes it; bodies are bounded in `config.bodies`.
    """

    _awaits_head = True
    _size = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._awaits_head:
            self._watch()
            self._size += len(data)
        super().data_received(data)
        if self._awaits_head and self._size > HEAD_BYTES:
            self._close("was too long")

    def on_headers_complete(self) -> None:
        self._awaits_head, self._size = False, 0
        self._unwatch()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        self._awaits_head = not self.pipeline
        super().on_response_complete()

    def _watch(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._close, "did not arrive in time")

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _close(self, why: str) -> None:
        self._unwatch()
        if not self.transport.is_closing():
            logger.info("Closed a connection: the head of its request %s", why)
            self.transport.abort()
