"""What stands in the way of a version, before its function is rolled back to it."""

from releases.hazards.check import Looked, check, check_code, code_subject
from releases.hazards.code import settings_that_stay
from releases.hazards.hazard import Hazard, Level

__all__ = ["Hazard", "Level", "Looked", "check", "check_code", "code_subject", "settings_that_stay"]
