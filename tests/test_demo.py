"""`make demo`, started and stopped like a person does it."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from sandbox.demo import ACCOUNTS
from sandbox.directories import named_directory
from sandbox.processes import free_port

CHECKOUT = Path(__file__).parent.parent
# What a developer may have lying around, none of which may matter.
ELSEWHERE = {
    "DATABASE_URL": "postgresql://127.0.0.1:1/production",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "AWS_PROFILE": "production",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}


@contextmanager
def demo(port: int, aws_port: int) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """Yield the running supervisor and the lines it printed up to and with the last."""
    ports = {"PORT": str(port), "AWS_PORT": str(aws_port)}
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox.demo"],
        cwd=CHECKOUT,
        env={**os.environ, **ELSEWHERE, **ports},
        stdout=subprocess.PIPE,
        text=True,
    ) as supervisor:
        assert supervisor.stdout is not None
        try:
            lines = []
            for line in supervisor.stdout:
                lines.append(line.strip())
                if line.startswith("Logs are in"):
                    break
            yield supervisor, lines
        finally:
            supervisor.terminate()
            supervisor.wait()
            shutil.rmtree(named_directory(f"demo-{port}"))


def status(port: int, path: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", path)
        return connection.getresponse().status


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_says_where_it_is_and_leaves_nothing_behind(stop: signal.Signals) -> None:
    port, aws_port = free_port(), free_port()
    with demo(port, aws_port) as (supervisor, lines):
        assert f"Sluice is ready: http://127.0.0.1:{port}" in lines
        assert f"AWS endpoint: http://127.0.0.1:{aws_port}" in lines
        assert all(account in "\n".join(lines) for account in ACCOUNTS)
        assert status(port, "/healthz/") == 200
        everything = psutil.Process(supervisor.pid).children(recursive=True)
        names = {" ".join(process.cmdline()[1:3]) for process in everything}
        assert {"manage.py worker", "manage.py cron", "manage.py sandbox"} <= names
        supervisor.send_signal(stop)
        began = time.monotonic()
        assert supervisor.wait(10) == (-stop if stop == signal.SIGKILL else 0)
        _gone, left = psutil.wait_procs(everything, timeout=10)
        assert [process for process in left if process.status() != psutil.STATUS_ZOMBIE] == []
        assert time.monotonic() - began < 10
