"""A process with Django loaded that forks workers on command, each within milliseconds.

They are real processes with a life of their own, so that a test may end them with `kill -9`.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import time

import django


def main() -> None:
    """Read a management command a line, run it in a child, answer with the child's pid."""
    django.setup()
    preload()
    signal.signal(signal.SIGCHLD, lambda *_: reap())
    children = []
    for line in sys.stdin:
        children.append(fork(line.split()))
        sys.stdout.write(f"{children[-1]}\n")
        sys.stdout.flush()
    for pid in children:
        end(pid)


def preload() -> None:
    """What every worker imports, imported once."""
    # Imported when first used: for addresses, and for dates (by the call below).
    import encodings.idna  # noqa: F401

    from django.conf import settings
    from limits.storage import RedisStorage

    from releases import jobs  # noqa: F401
    from releases.aws import client
    from releases.management.commands import cron, worker  # noqa: F401

    time.strptime("2024", "%Y")
    client.warm()
    # Imports its client of Redis when it is first used; connects later.
    RedisStorage(settings.REDIS_URL)
    # What is loaded now stays shared with the children instead of being copied by their collector.
    gc.freeze()


def fork(command: list[str]) -> int:
    from django.core.management import call_command

    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    try:
        call_command(*command)
    finally:
        os._exit(0)


def end(pid: int) -> None:
    """Nothing to do for one that was reaped: its number may be that of anybody's process by now."""
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG) == (0, 0):
            os.kill(pid, signal.SIGKILL)


def reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    main()
