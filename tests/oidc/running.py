"""A real OpenID provider on loopback, and the metadata of one that lies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sandbox.processes import free_port


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = urllib.request.build_opener(_Stays)


@dataclass(frozen=True)
class Provider:
    """`issuer` as it calls itself; who signs in is said to it as `knows` first."""

    issuer: str

    def knows(self, subject: str, **claims: Any) -> None:
        address = f"{self.issuer}/users/{urllib.parse.quote(subject)}"
        headers = {"Content-Type": "application/json"}
        body = json.dumps(claims).encode()
        _opener.open(urllib.request.Request(address, body, headers, method="PUT"), timeout=10)

    def sends_back(self, address: str, **form: str) -> str:
        """Where the browser is sent after the form of `address` was sent to the provider."""
        try:
            _opener.open(address, urllib.parse.urlencode(form).encode(), timeout=10)
        except urllib.error.HTTPError as answer:
            return str(answer.headers["Location"])
        raise AssertionError("The provider sent nobody back.")


@contextmanager
def running_provider() -> Iterator[Provider]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", f"--port={port}"],
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/jwks", process)
        yield Provider(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            _opener.open(address, timeout=1).close()
            return
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline, "no provider"
            time.sleep(0.05)


class Answers(dict[str, Any]):
    """What a server on loopback says at each path: JSON, or a status with headers."""

    address: str = ""


@contextmanager
def answering() -> Iterator[Answers]:
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = answers.get(self.path)
            is_redirect = isinstance(said, str)
            body = b"" if is_redirect else json.dumps(said).encode()
            self.send_response(302 if is_redirect else 200 if said is not None else 500)
            if isinstance(said, str):
                self.send_header("Location", said)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        answers.address = f"http://127.0.0.1:{server.server_port}"
        yield answers
        server.shutdown()
        thread.join(10)
