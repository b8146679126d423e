"""Who gives and takes roles for a part of what there is."""

from __future__ import annotations

from accounts.models import User
from releases.policy import matrix
from releases.policy.decision import Decision, by_right


def can_give_roles(user: User) -> Decision:
    """Administrators of everything: one of a part could give out more than they have."""
    return by_right(user, matrix.GIVE_ROLES)


def can_see_roles(user: User, person: User) -> Decision:
    """Which environments, teams and names there are is told to nobody else."""
    return can_give_roles(user) if user.pk != person.pk else Decision(user.is_active)
