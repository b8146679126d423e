"""`manage.py sandbox`, as somebody types it on a machine that has nothing."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sandbox.processes import free_port

CHECKOUT = Path(__file__).parent.parent
BARE = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
SANDBOX = [sys.executable, "manage.py", "sandbox"]
SHOW_URLS = """
import os, sys
print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
sys.exit(7)
"""


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [*SANDBOX, *arguments]
    with subprocess.Popen(command, cwd=CHECKOUT, env=BARE, stdout=subprocess.PIPE, text=True) as it:
        try:
            yield it
        finally:
            it.kill()


def run(*command: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, cwd=CHECKOUT, env=BARE | env, capture_output=True, text=True, check=False
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        yield port


def test_the_aws_endpoint_answers_within_five_seconds_without_a_database() -> None:
    port, began = free_port(), time.monotonic()
    with started("aws", "--port", str(port), "--in-progress", "0") as endpoint:
        assert endpoint.stdout is not None
        assert endpoint.stdout.readline() == f"AWS endpoint: http://127.0.0.1:{port}\n"
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/2015-03-31/functions/")
            assert connection.getresponse().status < 500
        assert time.monotonic() - began < 5
        endpoint.send_signal(signal.SIGTERM)
        assert endpoint.wait(20) == 0


def test_a_taken_port_is_one_sentence(taken_port: int) -> None:
    done = run(*SANDBOX, "aws", "--port", str(taken_port))
    assert done.returncode == 1
    assert done.stderr.startswith(f"CommandError: Port {taken_port} for the AWS endpoint")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("variable", ["PORT", "AWS_PORT"])
def test_the_demo_refuses_a_taken_port_before_it_starts_anything(
    taken_port: int, variable: str
) -> None:
    ports = {"PORT": str(free_port()), "AWS_PORT": str(free_port()), variable: str(taken_port)}
    done = run(sys.executable, "-m", "sandbox.demo", **ports)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Port {taken_port}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_demo_refuses_what_is_no_port() -> None:
    done = run(sys.executable, "-m", "sandbox.demo", PORT="http")
    assert done.returncode == 1
    assert done.stderr == "PORT=http is not a port: use a number from 1 to 65535.\n"


def test_run_gives_the_command_both_services_and_returns_its_exit_code() -> None:
    done = run(*SANDBOX, "run", "--", sys.executable, "-c", SHOW_URLS)
    assert done.returncode == 7
    database, redis = done.stdout.split()
    assert database.startswith("postgresql://sluice_app:")
    assert redis.startswith("redis://:")


def test_run_uses_what_the_environment_brings() -> None:
    brought = {"DATABASE_URL": "postgresql://elsewhere/db", "REDIS_URL": "redis://elsewhere"}
    done = run(*SANDBOX, "run", "--", sys.executable, "-c", SHOW_URLS, **brought)
    assert done.stdout.split() == list(brought.values())


def test_run_passes_a_stop_on_to_the_command() -> None:
    with started("run", "--", "sh", "-c", "echo up; exec sleep 60") as it:
        assert it.stdout is not None
        assert it.stdout.readline() == "up\n"
        it.send_signal(signal.SIGTERM)
        assert it.wait(20) == 128 + signal.SIGTERM


def test_run_without_a_command_says_so() -> None:
    done = run(*SANDBOX, "run")
    assert done.returncode == 1
    assert "Say what to run" in done.stderr


def test_make_alone_lists_every_command() -> None:
    listed = {line.split()[1] for line in run("make").stdout.splitlines()}
    makefile = (CHECKOUT / "Makefile").read_text().splitlines()
    phony = next(line for line in makefile if line.startswith(".PHONY"))
    assert listed == set(phony.split()[1:])
