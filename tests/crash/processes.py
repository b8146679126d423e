"""The processes of a crash test: started by the zygote, ended with `kill -9`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil
from django.conf import settings

STEP = 0.02


def until(
    happened: Callable[[], object], seconds: float, what: str, *, step: float = STEP
) -> float:
    """Wait for something, and say how long it took. Fails with `what` after `seconds`."""
    started = time.monotonic()
    while not happened():
        waited = time.monotonic() - started
        assert waited < seconds, f"{what} did not happen within {seconds} s"
        time.sleep(step)
    return time.monotonic() - started


def is_gone(process: psutil.Process) -> bool:
    """Dead, whether or not somebody took note of it."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stop(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.suspend()
        stopped = (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)
        until(lambda: process.status() in stopped, 5, f"the stop of process {process.pid}")


def kill(process: psutil.Process) -> None:
    if not is_gone(process):
        # It may end by itself between one line and the next.
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    until(lambda: is_gone(process), 5, f"the end of process {process.pid}")


def children(process: psutil.Process) -> list[psutil.Process]:
    """None of one that is dead, or that ends while we look."""
    try:
        return [] if is_gone(process) else process.children()
    except psutil.NoSuchProcess:
        return []


@dataclass(frozen=True)
class Worker:
    """A worker: the parent that waits for jobs, and the work horse it forks for each."""

    parent: psutil.Process

    def horse(self) -> psutil.Process:
        (found,) = self.parent.children()
        return found


class Zygote:
    """Forks `manage.py` commands, and remembers them all."""

    def __init__(self, environ: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._started: list[psutil.Process] = []
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.zygote"],
                cwd=settings.BASE_DIR,
                env=dict(environ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def start(self, command: str) -> psutil.Process:
        _pipe(self._process.stdin).write(f"{command}\n")
        _pipe(self._process.stdin).flush()
        answer = _pipe(self._process.stdout).readline()
        assert answer, self.log.read_text()
        self._started.append(psutil.Process(int(answer)))
        return self._started[-1]

    def worker(self) -> Worker:
        # What compares and polls beside a release is not what is killed here.
        return Worker(self.start("worker --only releases"))

    def adopt(self, process: psutil.Process) -> psutil.Process:
        """A work horse whose parent is about to die: end it with the rest."""
        self._started.append(process)
        return process

    def end_all(self) -> None:
        """No process of a test outlives it."""
        for process in self._started:
            # Stopped first: a work horse forked between the list and the kill would live on and,
            # because kept beginnings have the same numbers, release what the next test begins.
            stop(process)
            for each in (process, *children(process)):
                kill(each)
        self._started.clear()

    def close(self) -> None:
        self.end_all()
        _pipe(self._process.stdin).close()
        self._process.wait(10)
        _pipe(self._process.stdout).close()


def _pipe(found: IO[str] | None) -> IO[str]:
    assert found is not None
    return found
