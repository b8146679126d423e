"""Sealing in a test: other processes of the run write on the same server, and hold it up."""

from __future__ import annotations

import time
from collections.abc import Callable

from releases.audit.seal import seal
from releases.audit.status import seal_status

# As long as the transaction of any one test may last.
PATIENCE = 240


def seal_all(*, batch: int = 5_000) -> int:
    """Seal until nothing waits any more; how many events that was."""
    count = 0

    def nothing_waits() -> bool:
        nonlocal count
        count += seal(batch=batch)
        return not seal_status().waiting

    sooner_or_later(nothing_waits)
    return count


def sooner_or_later(happens: Callable[[], bool]) -> None:
    """Once what others have begun on the same server is over."""
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < deadline, seal_status().blocker
        time.sleep(0.02)
