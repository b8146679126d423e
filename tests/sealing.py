"""Sealing in a test: other processes of the run write on the same server, and hold it up."""

from __future__ import annotations

import time

from releases.audit.seal import seal
from releases.audit.status import seal_status

# As long as the transaction of any one test may last.
PATIENCE = 240


def seal_all(*, batch: int = 5_000) -> int:
    """Seal until nothing waits any more; how many events that was."""
    count, deadline = seal(batch=batch), time.monotonic() + PATIENCE
    while seal_status().waiting:
        assert time.monotonic() < deadline, seal_status().blocker
        time.sleep(0.02)
        count += seal(batch=batch)
    return count
