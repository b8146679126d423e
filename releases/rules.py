"""What an approval policy asks for: so many of each group, and how long an approval lasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import TextChoices

MOST_APPROVALS = 20
MOST_DAYS = 365
DAYS = 7


class Group(TextChoices):
    """The roles that may approve. Administrators are none: they say who has a role."""

    RELEASE_MANAGER = "release_manager", "Release managers"
    SECURITY = "security", "Security"


# One of a group, and several, in a sentence. Security is the name of the group's people, too.
NOUNS = {
    Group.RELEASE_MANAGER: ("release manager", "release managers"),
    Group.SECURITY: ("security", "security"),
}


def people(count: int, group: str) -> str:
    """So many people of a group: `2 release managers`, `1 security`."""
    return f"{count} {NOUNS[Group(group)][count != 1]}"


@dataclass(frozen=True)
class Rules:
    """So many of each group, none of them an author, by approvals of at most so many days.

    `rollback`: how many release managers it takes to roll back, one or two.
    """

    managers: int = 1
    security: int = 0
    days: int = DAYS
    rollback: int = 1

    def needs(self, group: str) -> int:
        return {Group.RELEASE_MANAGER: self.managers, Group.SECURITY: self.security}[Group(group)]

    @property
    def groups(self) -> list[Group]:
        """The groups that are asked at all."""
        return [group for group in Group if self.needs(group)]

    @property
    def total(self) -> int:
        return self.managers + self.security

    def missing(self, counted: Mapping[str, int]) -> dict[Group, int]:
        """How many of each group are still needed, given how many approvals of each count."""
        short = {group: self.needs(group) - counted.get(group, 0) for group in Group}
        return {group: count for group, count in short.items() if count > 0}

    def met_by(self, counted: Mapping[str, int]) -> bool:
        return not self.missing(counted)

    def given(self, counted: Mapping[str, int]) -> int:
        """How many of the approvals asked for are there; more than a rule asks for is no help."""
        return sum(min(counted.get(group, 0), self.needs(group)) for group in Group)

    def one_more(self) -> Rules:
        """For adopted drift, whose author nobody knows, and where a freeze was overridden."""
        if self.managers:
            return replace(self, managers=min(self.managers, MOST_APPROVALS) + 1)
        return replace(self, security=min(self.security, MOST_APPROVALS) + 1)

    def at_least(self, floor: Rules) -> Rules:
        """The stricter of both: the more of each group, and the shorter time."""
        return Rules(
            max(self.managers, floor.managers),
            max(self.security, floor.security),
            min(self.days, floor.days),
            max(self.rollback, floor.rollback),
        )

    @property
    def who(self) -> str:
        return " and ".join(people(self.needs(group), group) for group in self.groups)

    @property
    def lasting(self) -> str:
        return f"{self.days} day" if self.days == 1 else f"{self.days} days"

    @property
    def words(self) -> str:
        them = "not an author" if self.total == 1 else "none of them an author"
        two = "; two release managers roll back" if self.rollback > 1 else ""
        return f"{self.who}, {them}; approvals last {self.lasting}{two}"

    @classmethod
    def of_parts(cls, parts: Mapping[str, int]) -> Rules:
        group = {each: parts.get(each.value, 0) for each in Group}
        return cls(group[Group.RELEASE_MANAGER], group[Group.SECURITY], parts["days"])

    @property
    def as_parts(self) -> dict[str, Any]:
        """As the fingerprint carries them."""
        return {group.value: self.needs(group) for group in self.groups} | {"days": self.days}

    def __str__(self) -> str:
        two = ", two to roll back" if self.rollback > 1 else ""
        return f"{self.who}, for {self.lasting}{two}"


def loosens(before: Rules, after: Rules) -> bool:
    """Whether some approvals that were not enough under `before` would be under `after`.

    Fewer of any group, a group no longer asked, approvals that last longer, or one who rolls back
    alone; whatever else becomes stricter at the same time does not make up for it.
    """
    fewer = any(after.needs(group) < before.needs(group) for group in Group)
    return fewer or after.days > before.days or after.rollback < before.rollback
