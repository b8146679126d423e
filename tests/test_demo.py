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

from sandbox.demo import ACCOUNTS, run
from sandbox.directories import exclusive, named_directory
from sandbox.errors import SandboxError
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
SERVERS = {"postgres", "valkey-server"}
# The last line that it prints, and one that it prints while only its servers run.
READY, PREPARING = "Logs are in", "Preparing the demo's data"


@contextmanager
def demo(
    port: int, aws_port: int, *, until: str = READY
) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """Yield the running supervisor and the lines it printed up to and with the one awaited."""
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
                if line.startswith(until):
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


def assert_it_ends(
    supervisor: "subprocess.Popen[str]", stop: signal.Signals, running: set[str]
) -> None:
    """Stopped so, it and all it started are gone within 10 s; `running` was among that."""
    everything = psutil.Process(supervisor.pid).children(recursive=True)
    assert running <= {name_of(process) for process in everything}
    supervisor.send_signal(stop)
    began = time.monotonic()
    assert supervisor.wait(10) == (-stop if stop == signal.SIGKILL else 0)
    _gone, left = psutil.wait_procs(everything, timeout=10)
    assert [process for process in left if process.status() != psutil.STATUS_ZOMBIE] == []
    assert time.monotonic() - began < 10


def name_of(process: psutil.Process) -> str:
    """The management command, or the program of a server; nothing of what ended meanwhile."""
    try:
        program, *arguments = process.cmdline() or [""]
    except psutil.NoSuchProcess:
        return ""
    return " ".join(arguments[:2]) if "manage.py" in arguments[:1] else Path(program).name


def test_it_says_where_it_is_and_leaves_nothing_behind() -> None:
    port, aws_port = free_port(), free_port()
    with demo(port, aws_port) as (supervisor, lines):
        assert f"Sluice is ready: http://127.0.0.1:{port}" in lines
        assert f"AWS endpoint: http://127.0.0.1:{aws_port}" in lines
        assert all(account in "\n".join(lines) for account in ACCOUNTS)
        assert status(port, "/healthz/") == 200
        ours = {"manage.py worker", "manage.py cron", "manage.py sandbox"}
        assert_it_ends(supervisor, signal.SIGTERM, ours | SERVERS)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_stopped_while_it_starts_it_leaves_nothing_behind(stop: signal.Signals) -> None:
    with demo(free_port(), free_port(), until=PREPARING) as (supervisor, _):
        assert_it_ends(supervisor, stop, {"manage.py sandbox"} | SERVERS)


def test_what_it_leaves_is_gone_before_another_may_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    directory = named_directory(f"demo-{port}")
    removed = []

    def stopped(there: Path, *_: int) -> None:
        (there / "database").mkdir()
        (there / "web.log").touch()
        raise KeyboardInterrupt

    def remove(path: Path, *args: object, **more: object) -> None:
        with pytest.raises(SandboxError, match="Another process is using"), exclusive(directory):
            pass
        removed.append(path)
        path.rmdir()

    monkeypatch.setattr("sandbox.demo._run_in", stopped)
    try:
        with monkeypatch.context() as watched, pytest.raises(KeyboardInterrupt):
            watched.setattr("sandbox.demo.shutil.rmtree", remove)
            run(port=port, aws_port=free_port())
        assert removed == [directory / "database"]
        assert [path.name for path in directory.iterdir()] == ["lock"]
    finally:
        shutil.rmtree(directory)
