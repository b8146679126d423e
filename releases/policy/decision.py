"""An answer of the policy, and what most answers ask first: an active account and a role."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Role, User
from releases.errors import NotAllowed
from releases.rules import NOUNS, Group

GROUPS = frozenset(Role(group.value) for group in Group)
REJECTERS = GROUPS
REQUESTERS = frozenset({Role.DEVELOPER, Role.RELEASE_MANAGER})
COMPARERS = REQUESTERS | REJECTERS | {Role.ADMINISTRATOR}
COMMENTERS = frozenset(Role) - {Role.VIEWER, Role.AUDITOR}


@dataclass(frozen=True)
class Decision:
    """Yes, or no with its reason in a sentence.

    `is_passing`: only the moment is wrong, not the person.
    """

    allowed: bool
    reason: str = ""
    is_passing: bool = False

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(True)


def no(reason: str) -> Decision:
    return Decision(False, reason)


def not_now(reason: str) -> Decision:
    return Decision(False, reason, is_passing=True)


def require(decision: Decision) -> None:
    """Raises NotAllowed with the reason if the decision is a no."""
    if not decision:
        raise NotAllowed(decision.reason, is_passing=decision.is_passing)


def by_role(user: User, roles: frozenset[Role], verb: str) -> Decision:
    if not user.is_active:
        return no("Your account is deactivated. Ask an administrator.")
    if user.role in roles:
        return YES
    who = " and ".join(sorted(several(role) for role in roles))
    return no(f"Only {who} {verb}. You are signed in as {Role(user.role).label.lower()}.")


def several(role: str) -> str:
    return NOUNS[Group(role)][1] if role in Group.values else f"{Role(role).label.lower()}s"
