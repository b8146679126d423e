"""How much is tried: a little, and always the same, in the suite; `make fuzz` tries thousands."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("SLUICE_FUZZ", "0"))


def tried(few: int, *, share: int = 1) -> settings:
    """A test's settings: `few` examples, the same each time, or one `share`th of SLUICE_FUZZ."""
    return settings(
        max_examples=max(EXAMPLES // share, few),
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
