"""Changing a policy in a test, with the short names that its sentences need."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from releases.actions.approve_policy_change import approve_policy_change
from releases.actions.change_policy import change_policy
from releases.models import Environment, Function, PolicyChange
from releases.rules import Rules
from tests.world import HERE


def change(
    subject: Function | Environment, own: Rules | None, by: User, reason: str = "Because."
) -> PolicyChange | None:
    found = change_policy(subject, own, by=by, origin=HERE, reason=reason)
    subject.refresh_from_db()
    return found


def proposed(
    subject: Function | Environment, own: Rules | None, by: User, **more: Any
) -> PolicyChange:
    found = change(subject, own, by, **more)
    assert found is not None
    return found


def say_yes(change: PolicyChange, *people: User) -> None:
    for person in people:
        approve_policy_change(change, by=person, origin=HERE)
    change.refresh_from_db()
