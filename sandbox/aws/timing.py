"""How long Lambda takes to settle, in seconds, and the clock that measures it."""

import time
from dataclasses import dataclass

# Not time.time: tests that freeze time must not freeze a function half way.
clock = time.perf_counter


@dataclass
class Timing:
    """Durations may be changed while the sandbox runs; they hold for later calls."""

    in_progress: float = 0.5  # UpdateFunctionCode, UpdateFunctionConfiguration (facts A2, J2)
    pending: float | None = None  # CreateFunction (facts A1); None: as long as an update
    trail: float = 0.0  # until CloudTrail tells of a call; AWS's own takes up to 15 minutes
    idle: float | None = None  # without an Invoke, until Inactive (facts J6); None: never
    publish: float = 0.0  # PublishVersion of a plain function is Active at once (facts E1)
    provisioned: float | None = None  # until concurrency is there (facts H9); None: as an update

    @classmethod
    def instant(cls) -> "Timing":
        """Everything has settled when it is read next; answers still say InProgress."""
        return cls(in_progress=0.0, publish=0.0)

    @property
    def create(self) -> float:
        return self.in_progress if self.pending is None else self.pending

    @property
    def provision(self) -> float:
        return self.in_progress if self.provisioned is None else self.provisioned
