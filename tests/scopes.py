"""People whose roles are for a part of what there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import Role, User
from releases.models import Environment, Function, Grant, ScopeKind
from tests.factories import UserFactory


def give(person: User, role: Role, **scope: Any) -> User:
    """Give `person` a role for an environment (by name, too), a team or a pattern."""
    if isinstance(scope.get("environment"), str):
        scope["environment"] = Environment.objects.get(name=scope["environment"])
    (kind,) = scope.keys() - {"kind"}
    Grant.objects.create(person=person, role=role, **{"kind": ScopeKind(kind)} | scope)
    person.refresh_from_db()
    return person


def within(subject: Function | Environment, role: Role, **fields: Any) -> User:
    """Somebody with a role for one function, by its name, or for one environment, and no more."""
    person = UserFactory.create(role=Role.NONE, **fields)
    return on(person, subject, role)


def on(person: User, subject: Function | Environment, role: Role, *, anew: bool = False) -> User:
    """`anew`: also where they have one already."""
    if anew and isinstance(subject, Environment):
        person.grants.filter(environment=subject).delete()
    if isinstance(subject, Environment):
        return give(person, role, environment=subject)
    return give(person, role, pattern=subject.name)


def over(functions: Iterable[Function], role: Role) -> User:
    person = UserFactory.create(role=Role.NONE)
    for function in functions:
        on(person, function, role)
    return person


def everywhere(role: Role) -> User:
    return UserFactory.create(role=role)
