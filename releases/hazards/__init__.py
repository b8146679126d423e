"""What stands in the way of a version, before its function is rolled back to it."""

from releases.hazards.check import check
from releases.hazards.hazard import Hazard, Level

__all__ = ["Hazard", "Level", "check"]
