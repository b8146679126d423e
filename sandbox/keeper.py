"""Runs one command and ends it, and all it started, as soon as its own standard input closes.

The pipe closes with whoever holds the other end, even when that process is killed, so nothing
outlives the sandbox. Everything runs in the keeper's session, which is how stragglers are found.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

import psutil


def kill_family() -> None:
    """Kill what is left in this session but ourselves."""
    for pid in psutil.pids():
        try:
            if pid != os.getpid() and os.getsid(pid) == os.getpid():
                os.kill(pid, signal.SIGKILL)
        except OSError:
            continue  # ended meanwhile, or not ours to look at


def main() -> int:
    pid_file, stop_signal, grace = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    uid, gid, command = int(sys.argv[4]), int(sys.argv[5]), sys.argv[6:]
    try:
        if uid:
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, user=uid, group=gid, extra_groups=[]
            )
        else:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    with open(pid_file, "w") as file:
        file.write(str(child.pid))

    def follow_owner() -> None:
        while os.read(0, 1):
            pass
        child.send_signal(stop_signal)
        time.sleep(grace)
        kill_family()

    def pass_on(_signal: int, _frame: FrameType | None) -> None:
        child.send_signal(stop_signal)

    for ours in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ours, pass_on)
    threading.Thread(target=follow_owner, daemon=True).start()
    code = child.wait()
    kill_family()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
