"""A real server process for the tests, and clients that misbehave."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import urlsplit

import psutil
from django.db import connection

COMMAND = "config.serve --no-access-log --timeout-graceful-shutdown 3"


class Server:
    def __init__(self, port: int, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        self.port = port
        self.process = process
        self.figures = psutil.Process(process.pid)
        self._log = log

    def said(self) -> str:
        """What the server wrote to its log, all of it."""
        self._log.seek(0)
        return self._log.read().decode()

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        return self.ask("GET", path, b"", headers)

    def ask(
        self, method: str, path: str, body: bytes, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            client.request(method, path, body, headers or {})
            response = client.getresponse()
            return response.status, response.read().decode()
        finally:
            client.close()

    def connect(self, *lines: str, receive_buffer: int = 0) -> socket.socket:
        """A connection on which the head of a request was sent."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(10)
        client.connect(("127.0.0.1", self.port))
        client.sendall("\r\n".join([*lines, "Host: 127.0.0.1", "", ""]).encode())
        return client

    def stream(self, topics: str, session_key: str) -> socket.socket:
        cookie = f"Cookie: sessionid={session_key}"
        return self.connect(f"GET /live/?topics={topics} HTTP/1.1", cookie)


def read_until(client: socket.socket, words: bytes) -> bytes:
    """What came up to and with `words`, or up to the end."""
    heard = b""
    while words not in heard and (more := client.recv(65536)):
        heard += more
    return heard


@contextmanager
def running_server() -> Iterator[Server]:
    with socket.socket() as chooser:
        chooser.bind(("127.0.0.1", 0))
        port = chooser.getsockname()[1]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environ = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.probe_settings",
        "DATABASE_URL": url.geturl(),
        "PGAPPNAME": f"probe-{port}",
    }
    command = [sys.executable, "-m", *COMMAND.split(), "--port", str(port)]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(command, env=environ, stderr=log) as process,
    ):
        try:
            server = Server(port, process, log)
            _wait_for(server)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            finally:
                process.kill()


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            server.get("/healthz/")
            return
        except OSError:
            if time.monotonic() > deadline or server.process.poll() is not None:
                raise
            time.sleep(0.05)
