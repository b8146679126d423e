"""A way to the Redis of this test run that can be cut off and joined again."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Thread
from urllib.parse import urlsplit


class Relay:
    """Listens on a port of its own while it is joined; cut off, it refuses like a dead Redis."""

    def __init__(self, redis_url: str) -> None:
        there = urlsplit(redis_url)
        self._there = (there.hostname or "127.0.0.1", there.port or 6379)
        self._open: list[socket.socket] = []
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._here: tuple[str, int] = server.getsockname()
        host, port = self._here
        netloc = f"{there.netloc.rpartition('@')[0]}@{host}:{port}".removeprefix("@")
        self.url = there._replace(netloc=netloc).geturl()

    def join(self) -> None:
        server = socket.create_server(self._here)
        self._open = [server]
        Thread(target=self._serve, args=(server,), daemon=True).start()

    def close(self) -> None:
        """Cut it off: connections end as well. Harmless if it is cut off already."""
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open = []

    def _serve(self, server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                one, _ = server.accept()
                other = socket.create_connection(self._there)
                self._open += [one, other]
                for pair in ((one, other), (other, one)):
                    Thread(target=_copy, args=pair, daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
