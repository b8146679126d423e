"""What hostile packages cost: peak memory and time of the inspection of each, in a process of its
own that has nothing but the inspection loaded.

Run it with `python -m benchmarks.hostile_packages`. It fails if one is taken that must not be, or
costs more than LIMIT_MB over the empty process or LIMIT_SECONDS.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.packages.hostile import HARMLESS, LARGE, SMALL

LIMIT_MB, LIMIT_SECONDS = 100, 15.0
LOOK = """
import re, sys, time
from pathlib import Path
from releases.packages.errors import PackageError
from releases.packages.inspect import inspect

def most():
    # Not getrusage(): what it tells was the parent's before exec.
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

before = most()
path, began = Path(sys.argv[1]), time.perf_counter()
try:
    with path.open("rb") as file:
        inspect(file, size=path.stat().st_size)
    code = "taken"
except PackageError as error:
    code = error.code
took = time.perf_counter() - began
print(code, (most() - before) // 1024, f"{took:.3f}")
"""


def main() -> None:
    """Inspect all of them and print a line for each."""
    wanted = {name: code for name, (code, _) in (SMALL | LARGE).items()}
    makers = {name: make for name, (_, make) in (SMALL | LARGE).items()} | HARMLESS
    failed = []
    print(f"{'package':42} {'bytes':>12} {'outcome':20} {'MB':>5} {'seconds':>8}")
    for name, make in makers.items():
        size, outcome, peak, took = looked_into(make())
        print(f"{name:42} {size:>12,} {outcome:20} {peak:>5} {took:>8.3f}")
        if outcome != wanted.get(name, "taken") or peak > LIMIT_MB or took > LIMIT_SECONDS:
            failed.append(name)
    print(f"limits: {LIMIT_MB} MB over the empty process, {LIMIT_SECONDS:.0f} s")
    if failed:
        sys.exit(f"Not as it must be: {', '.join(failed)}")


def looked_into(data: bytes) -> tuple[int, str, int, float]:
    """Size, outcome, megabytes and seconds of one inspection."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        Path(file.name).write_bytes(data)
        said = subprocess.run(
            [sys.executable, "-c", LOOK, file.name], check=True, capture_output=True, text=True
        ).stdout.split()
    return len(data), said[0], int(said[1]), float(said[2])


if __name__ == "__main__":
    main()
