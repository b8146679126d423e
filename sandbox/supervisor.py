"""Watches over the demo's processes: waits for them, restarts some, and stops all together."""

import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sandbox import processes
from sandbox.errors import SandboxError
from sandbox.processes import Process

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt_on_stop() -> None:
    """Make every way to stop us a KeyboardInterrupt; a hangup only if nobody disregards it."""
    for stop in STOPS:
        if stop != signal.SIGHUP or signal.getsignal(stop) != signal.SIG_IGN:
            signal.signal(stop, signal.default_int_handler)


class Supervisor:
    """Python programs with their logs in one directory.

    Those in `steps` end by themselves; those in `restarted` come back when they die.
    """

    def __init__(
        self,
        directory: Path,
        env: dict[str, str],
        *,
        steps: Sequence[str] = (),
        restarted: Sequence[str] = (),
    ) -> None:
        self.env = env
        self._directory = directory
        self._steps = steps
        self._restarted = restarted
        self._arguments: dict[str, tuple[str, ...]] = {}

    def start(self, name: str, *arguments: str) -> Process:
        self._arguments[name] = arguments
        command = [sys.executable, *arguments]
        return Process(name, command, directory=self._directory, env=self.env, grace=4)

    def finish(self, step: Process) -> None:
        """Wait until a step has ended; raise SandboxError if it failed."""
        self.wait_until(lambda: step.returncode() is not None, seconds=300)
        step.stop()

    def wait_until(self, is_so: Callable[[], bool], *, seconds: float = 60) -> None:
        """Wait while all goes well; raise SandboxError when it does not."""
        deadline = time.monotonic() + seconds
        while True:
            self._watch()
            if is_so():
                return
            if time.monotonic() > deadline:
                raise SandboxError(f"No answer in {seconds:.0f} s; logs are in {self._directory}.")
            time.sleep(0.05)

    def _watch(self) -> None:
        for process in list(processes.running):
            if process.returncode() is None:
                continue
            # One that cannot even start is a failure and not an accident.
            if process.name in self._restarted and time.monotonic() - process.started_at > 5:
                print(
                    f"The {process.name} ended ({process.ending()}) and is started again.",
                    flush=True,
                )
                process.stop()
                self.start(process.name, *self._arguments[process.name])
            elif process.name not in self._steps or process.returncode() != 0:
                raise SandboxError(
                    f"The {process.name} process ended ({process.ending()}), so the demo stops; "
                    f"{process.log} ends:\n{process.last_lines()}"
                )

    def stop(self, *names: str) -> None:
        """Stop those at once; a second Ctrl-C does not disturb it."""
        for stop in STOPS:
            signal.signal(stop, signal.SIG_IGN)
        ours = [process for process in processes.running if process.name in names]
        for process in ours:
            process.ask_to_stop()
        for process in ours:
            process.stop()
