"""Who may see the pages, and who may change environments and functions."""

from __future__ import annotations

from accounts.models import User
from releases.models import Environment, Function, grants_of, roles_of
from releases.policy import matrix
from releases.policy.decision import YES, Decision, by_right, no


def can_view(user: User) -> Decision:
    return YES if user.is_authenticated and user.is_active else no("Sign in first.")


def can_manage_environments(user: User, environment: Environment | None = None) -> Decision:
    """All of them and new ones; or one of them."""
    return by_right(user, matrix.MANAGE, environment)


def can_manage_some_environment(user: User) -> Decision:
    """For the menu: one of them is enough."""
    for each in grants_of(user):
        if user.is_active and each.environment_id and each.role in matrix.MANAGE.roles:
            return YES
    return can_manage_environments(user)


def can_add_function(user: User, function: Function) -> Decision:
    """`function` is the one that would be added: its environment and name decide."""
    return by_right(user, matrix.ADD, function)


def can_add_somewhere(user: User) -> Decision:
    """For lists and the empty form: whether there is anything that this person may add."""
    somewhere = roles_of(user) & matrix.ADD.roles and user.is_active
    return YES if somewhere else can_add_function(user, Function())


def can_change_function(user: User, function: Function) -> Decision:
    return by_right(user, matrix.CHANGE, function)


def can_set_team(user: User) -> Decision:
    """A team's people get their roles by it, so it is giving roles, and asks for no less."""
    return by_right(user, matrix.SET_TEAM)


def can_stage_before_review(user: User, function: Function) -> Decision:
    """Whoever asks for releases does not choose that their code runs on `$LATEST` unreviewed."""
    return by_right(user, matrix.STAGE_FIRST, function)


def can_refresh_function(user: User, function: Function) -> Decision:
    return by_right(user, matrix.REFRESH, function)


def can_create_release(user: User, function: Function) -> Decision:
    return by_right(user, matrix.REQUEST, function)


def can_create_some_release(user: User) -> Decision:
    """For the button on every page: whether there is a function that they may release."""
    somewhere = user.is_active and roles_of(user) & matrix.REQUEST.roles
    return YES if somewhere else by_right(user, matrix.REQUEST)
