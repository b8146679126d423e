"""A threaded HTTP/1.1 server with keep-alive, on the standard library's own."""

import contextlib
import io
import json
import logging
import shutil
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, BinaryIO

from sandbox.aws.bodies import CHUNK, Body, dechunked, length_of
from sandbox.aws.errors import Dropped

LOG = logging.getLogger(__name__)
READ_AFTERWARDS = 8 << 20  # a longer body that nobody wanted is not waited for
PATIENCE = 2.0
NO_BODY = (204, 304)


@dataclass
class Request:
    method: str
    target: str
    headers: Message
    body: Body
    length: int
    connection: socket.socket = field(repr=False)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def read(self) -> bytes:
        return self.body.readall()

    def replay(self, content: bytes) -> None:
        """Put back what was read, for whoever reads next."""
        self.body = Body(io.BytesIO(content), len(content))


@dataclass
class Response:
    status: int
    headers: list[tuple[str, str]]
    body: bytes | BinaryIO


Answer = Callable[[Request], Response]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    server: "Server"

    def respond(self) -> None:
        try:
            request = self._request()
        except ValueError as error:
            self.send_error(400, str(error))
            return
        original = request.body
        try:
            response = self.server.answer(request)
        except Dropped:
            original.drain()
            self._drop()
            return
        except Exception:  # a bug: AWS would say 500, and so do we
            LOG.exception("%s %s", request.method, request.target)
            response = _refusal(500, "ServiceException", "An internal error occurred.")
        is_long = original.left > READ_AFTERWARDS
        if is_long:
            response.headers.append(("Connection", "close"))
        else:
            original.drain()
        try:
            self._send(response)
        finally:
            if not isinstance(response.body, bytes):
                response.body.close()
        if is_long:
            self._linger()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = respond

    def _request(self) -> Request:
        length = length_of(self.headers.get("Content-Length") or "0")
        source: BinaryIO = self.rfile  # type: ignore[assignment]
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            content = dechunked(source)
            source, length = io.BytesIO(content), len(content)
        body = Body(source, length)
        return Request(self.command, self.path, self.headers, body, length, self.connection)

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        silent = self.command == "HEAD" or response.status in NO_BODY
        if isinstance(response.body, bytes) and not silent:
            self.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers:
            if silent or name.lower() != "content-length" or not isinstance(response.body, bytes):
                self.send_header(name, value)
        self.end_headers()
        if silent:
            return
        if isinstance(response.body, bytes):
            self.wfile.write(response.body)
        else:
            shutil.copyfileobj(response.body, self.wfile, CHUNK)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses by itself comes as JSON too, never as HTML."""
        text = message or HTTPStatus(code).phrase
        response = _refusal(code, "InvalidRequestException", text)
        self._send(Response(code, [*response.headers, ("Connection", "close")], response.body))
        self._linger()

    def _linger(self) -> None:
        """Close, but let a client that is still sending come to read its answer."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(PATIENCE)
            while self.connection.recv(CHUNK):
                pass

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def handle_expect_100(self) -> bool:
        proceed = super().handle_expect_100()
        self.wfile.flush()  # the client sends nothing more before it has read this
        return proceed

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed; the call log knows."""


def _refusal(status: int, code: str, message: str) -> Response:
    body = {"Type": "Service" if status >= 500 else "User", "Message": message}
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", code)]
    return Response(status, headers, json.dumps(body).encode())


class Server(ThreadingMixIn, TCPServer):
    """Keeps its connections in sight, so that stopping leaves no socket and no thread behind."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, answer: Answer) -> None:
        self.answer = answer
        self._open: dict[socket.socket, threading.Thread] = {}
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open[request] = threading.current_thread()
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nobody's error here."""
        if not isinstance(sys.exception(), ConnectionError):
            LOG.error("connection of %s", client_address, exc_info=True)

    def close_connections(self, patience: float = 2.0) -> None:
        with self._guard:
            found = dict(self._open)
        for connection in found:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in found.values():
            thread.join(patience)
