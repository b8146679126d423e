"""An answer of the policy, and what most answers ask first: an active account and a role."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import Role, User
from releases.errors import NotAllowed
from releases.models import Environment, Function, role_of
from releases.policy.matrix import Right
from releases.rules import NOUNS, Group


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


def by_right(
    user: User, right: Right, of: Function | Environment | None = None, verb: str = ""
) -> Decision:
    """As the matrix says; `verb` where a sentence says it more closely."""
    return by_role(user, right.roles, verb or right.verb, of)


def by_role(
    user: User, roles: frozenset[Role], verb: str, of: Function | Environment | None = None
) -> Decision:
    """By the role that `user` has for a function or an environment; of None, for everything."""
    if not user.is_active:
        return no("Your account is deactivated. Ask an administrator.")
    role = role_of(user, of)
    if role in roles:
        return YES
    who = " and ".join(sorted(several(each) for each in roles))
    return no(f"Only {who} {verb}. {_as_what(user, role, of)}")


def _as_what(user: User, role: Role, of: Function | Environment | None) -> str:
    if not user.has_grants and role == Role.NONE:
        return "You have no role yet: ask an administrator for one."
    if not user.has_grants:
        return f"You are signed in as {role.label.lower()}."
    what = f" for {of.name}" if of and of.name else " for everything"
    return f"You have {'no role' if role == Role.NONE else f'the role {role.label.lower()}'}{what}."


def several(role: str) -> str:
    return NOUNS[Group(role)][1] if role in Group.values else f"{Role(role).label.lower()}s"
