"""Where releases could be promoted to, as pages offer it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from releases.models import Function, Release
from releases.policy import Decision
from releases.promotion import Promotion, can_promote, promotions


@dataclass(frozen=True)
class Offer:
    """One environment that a release could be promoted to, and whether this person may."""

    promotion: Promotion
    may: Decision

    @property
    def target(self) -> Function:
        return self.promotion.target


def offers(releases: list[Release], user: User) -> dict[int, list[Offer]]:
    """By release number, where each could go. As many queries as `promotions`."""
    return {
        pk: [Offer(each, can_promote(user, each)) for each in found]
        for pk, found in promotions(releases, user).items()
    }
