"""Sluice as it runs in production, three processes, on the database of the test run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from sandbox.processes import free_port

ROOT = Path(__file__).parents[2]
WEB = ["-m", "config.serve", "--log-level=warning"]


@contextmanager
def running_site(env: dict[str, str], log: IO[Any]) -> Iterator[str]:
    """Web, worker and cron; the address of the web server."""
    with _running(env, log, ["manage.py", "worker"], ["manage.py", "cron"]) as address:
        yield address


@contextmanager
def web_alone(env: dict[str, str], log: IO[Any]) -> Iterator[str]:
    """The web server, and nobody who works."""
    with _running(env, log) as address:
        yield address


@contextmanager
def _running(env: dict[str, str], log: IO[Any], *others: list[str]) -> Iterator[str]:
    port = free_port()
    commands = [[*WEB, f"--port={port}", "--timeout-graceful-shutdown=1"], *others]
    running = [
        subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=os.environ | env, stdout=log, stderr=log
        )
        for command in commands
    ]
    try:
        _wait_for(f"http://127.0.0.1:{port}", running, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=10)


def _wait_for(address: str, running: list[subprocess.Popen[bytes]], log: IO[Any]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz/", timeout=1).close()
            return
        except OSError:
            ended = [process.args for process in running if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                log.seek(0)
                pytest.fail(f"Sluice did not start ({ended}): {log.read()[-3000:]}")
            time.sleep(0.05)
