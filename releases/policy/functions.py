"""Who may see the pages, and who may change environments and functions."""

from __future__ import annotations

from accounts.models import Role, User
from releases.models import Function
from releases.policy.decision import REQUESTERS, YES, Decision, by_role, no


def can_view(user: User) -> Decision:
    return YES if user.is_authenticated and user.is_active else no("Sign in first.")


def can_manage_environments(user: User) -> Decision:
    return by_role(user, frozenset({Role.ADMINISTRATOR}), "manage environments")


def can_add_function(user: User) -> Decision:
    roles = frozenset({Role.RELEASE_MANAGER, Role.ADMINISTRATOR})
    return by_role(user, roles, "add functions")


def can_change_function(user: User, function: Function) -> Decision:
    roles = frozenset({Role.RELEASE_MANAGER, Role.ADMINISTRATOR})
    return by_role(user, roles, "change a function's settings")


def can_stage_before_review(user: User, function: Function) -> Decision:
    """Whoever asks for releases does not choose that their code runs on `$LATEST` unreviewed."""
    roles = frozenset({Role.ADMINISTRATOR})
    return by_role(user, roles, "let code onto $LATEST before it is approved")


def can_refresh_function(user: User, function: Function) -> Decision:
    roles = REQUESTERS | {Role.ADMINISTRATOR}
    return by_role(user, roles, "read a function from AWS")


def can_create_release(user: User, function: Function) -> Decision:
    return by_role(user, REQUESTERS, "request releases")
