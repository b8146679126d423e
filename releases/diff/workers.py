"""A few processes that colour texts, kept for the next one and killed when over their time."""

import atexit
import os
import queue
import socket
import subprocess
import sys
import time
from pathlib import Path

from releases.diff.lexing import LENGTH

PROGRAM = Path(__file__).with_name("lexing.py")
START_SECONDS = 10.0
# What a few hundred thousand characters can come to; more is an attack or a fault.
ANSWER_LIMIT = 32 * 1024 * 1024


class Worker:
    """One process at the other end of a socket, asked one thing at a time."""

    def __init__(self, program: Path = PROGRAM) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            # A new program, not a fork: nothing of this process and its threads goes with it.
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", str(program)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )
        try:
            self._receive(1, time.monotonic() + START_SECONDS)
        except OSError:
            self.kill()
            raise

    def ask(self, question: bytes, deadline: float) -> bytes:
        """Raises OSError (TimeoutError included); the worker is then of no more use."""
        self._socket.settimeout(_left(deadline))
        self._socket.sendall(LENGTH.pack(len(question)) + question)
        (length,) = LENGTH.unpack(self._receive(LENGTH.size, deadline))
        if length > ANSWER_LIMIT:
            raise OSError("The worker's answer is too long")
        return self._receive(length, deadline)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._socket.close()

    def disown(self) -> None:
        """Let go of a process that belongs to the one this was forked from."""
        self._socket.close()
        self._process.returncode = 0

    def _receive(self, length: int, deadline: float) -> bytes:
        data = bytearray()
        while len(data) < length:
            self._socket.settimeout(_left(deadline))
            piece = self._socket.recv(min(length - len(data), 1 << 20))
            if not piece:
                raise ConnectionResetError("The worker is gone")
            data += piece
        return bytes(data)


class Workers:
    """At most `count` workers, started when first needed; any thread may ask."""

    def __init__(self, count: int, program: Path = PROGRAM) -> None:
        self._count, self._program = count, program
        self._forget()
        os.register_at_fork(after_in_child=self._disown)
        atexit.register(self.close)

    def ask(self, question: bytes, *, seconds: float) -> bytes | None:
        """The answer, or None if there was none in time."""
        deadline = time.monotonic() + seconds
        try:
            worker = self._free.get(timeout=seconds)
        except queue.Empty:
            return None
        try:
            if worker is None:
                worker = Worker(self._program)
                self._running.add(worker)
                deadline = time.monotonic() + seconds
            return worker.ask(question, deadline)
        except BaseException as error:
            # Whatever broke in (a job's time limit, for one), its answer may still come, and
            # must not be the answer to another question.
            if worker is not None:
                self._running.discard(worker)
                worker.kill()
                worker = None
            if not isinstance(error, OSError):
                raise
            return None
        finally:
            self._free.put(worker)

    @property
    def idle(self) -> int:
        """How many could be asked at once."""
        return self._free.qsize()

    def close(self) -> None:
        for worker in self._running:
            worker.kill()
        self._forget()

    def _forget(self) -> None:
        self._running: set[Worker] = set()
        # The last used first: an idle installation then keeps one process busy, not all.
        self._free: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(self._count):
            self._free.put(None)

    def _disown(self) -> None:
        # Two processes that ask one worker would read each other's answers.
        for worker in self._running:
            worker.disown()
        self._forget()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
