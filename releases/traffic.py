"""What AWS does to the live alias by itself after Sluice moved it.

On an alias with provisioned concurrency AWS prepares the new version first. Until it is ready the
alias points there already, with a weight on the version that it left (facts H9): not drift, and
no canary of anybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

# AWS needs a minute or two for a few environments, and many minutes for thousands of them. What
# is still there after that is somebody's own weight, and is called drift.
AWS_MOVES_FOR = timedelta(minutes=30)
ALL = 1.0


def is_only_on(weights: Mapping[str, float], version: int | None) -> bool:
    """Whether all the weights that there are go to this one version."""
    return version is not None and list(weights) == [str(version)]


def share_of(number: int, live: int | None, weights: Mapping[str, float]) -> float | None:
    """How much of the calls a version gets by the live alias, of 1; None where it is not on it."""
    if number == live:
        return ALL - sum(weights.values())
    return weights.get(str(number))


def aws_moves_words(left: int | str | None) -> str:
    """The end of a sentence that says where the alias points."""
    return f"; AWS is moving the traffic over from v{left} by itself (provisioned concurrency)"


@dataclass(frozen=True)
class Left:
    """The version that the live alias left by Sluice's own last move, and when that was."""

    version: int
    at: datetime

    @property
    def is_recent(self) -> bool:
        return timezone.now() - self.at < AWS_MOVES_FOR

    def explains(self, weights: Mapping[str, float], known: Mapping[str, float]) -> bool:
        """Whether AWS itself may have set these weights; `known` are those that were read last.

        It begins with all calls on the version that was left, and only ever takes some away: a
        smaller share that was not there before is a person's canary.
        """
        if not (self.is_recent and is_only_on(weights, self.version)):
            return False
        share = weights[str(self.version)]
        return share == ALL or share <= known.get(str(self.version), 0.0)
