"""A process of the sandbox: started with a log, stopped with everything it started."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from sandbox.directories import CHECKOUT, Account
from sandbox.errors import SandboxError

KEEPER = Path(__file__).with_name("keeper.py")
# Every process of ours that nobody asked to stop: what the demo's supervisor watches.
running: list["Process"] = []


class Process:
    """A command under its keeper, which ends it when we stop it and when we are gone."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        directory: Path,
        env: Mapping[str, str] | None = None,
        account: Account | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace: float = 5,
    ) -> None:
        self.name = name
        self.log = directory / f"{name}.log"
        self._grace = grace
        uid, gid = account or (0, 0)
        options = map(str, (directory / f"{name}.pid", stop_signal.value, grace, uid, gid))
        self.log.touch(mode=0o600)
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal reaches us, and we stop it in order.
            self._keeper = subprocess.Popen(
                [sys.executable, "-P", str(KEEPER), *options, *map(str, command)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=directory if account else CHECKOUT,
                env=env,
            )
        self.started_at = time.monotonic()
        running.append(self)

    def returncode(self) -> int | None:
        """Return how it ended, None while it runs."""
        return self._keeper.poll()

    def ending(self) -> str:
        """Return how it ended, in words."""
        code = self.returncode() or 0
        return f"signal {code - 128}" if code > 128 else f"exit code {code}"

    def ask_to_stop(self) -> None:
        """Begin to stop it; several can stop at the same time."""
        assert self._keeper.stdin is not None  # noqa: S101
        if self in running:
            running.remove(self)
        with suppress(BrokenPipeError):
            self._keeper.stdin.close()

    def stop(self) -> None:
        """Stop it and wait until it and all it started are gone."""
        self.ask_to_stop()
        try:
            self._keeper.wait(self._grace + 2)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()

    def last_lines(self, count: int = 15) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-count:])


def end_stale(name: str, directory: Path) -> None:
    """End the server that a killed run left behind in `directory`, if there is one."""
    with suppress(OSError, ValueError, psutil.Error):
        process = psutil.Process(int((directory / f"{name}.pid").read_text()))
        # The number may be somebody else's by now: ours has the directory on its command line.
        if not any(str(directory) in argument for argument in process.cmdline()):
            return
        process.send_signal(signal.SIGINT)  # to PostgreSQL and to Redis: now, in order
        deadline = time.monotonic() + 3
        # Nobody may ever collect an orphan: a zombie has ended.
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(0.02)


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def require_free_port(port: int, purpose: str, variable: str) -> None:
    """Raise SandboxError if somebody listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SandboxError(
                f"Port {port} for {purpose} cannot be used ({error.strerror}): "
                f"stop what uses it or set {variable} to another one."
            ) from None
