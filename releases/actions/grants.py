"""Give somebody a role for an environment, a team or functions by name, and take it again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Role, User
from accounts.people import lock_people
from releases import live, policy
from releases.actions.change_person import look_at_their_approvals
from releases.actions.refusal import recorded_refusal
from releases.actions.validation import check_entered
from releases.audit import Origin, named, record
from releases.errors import InvalidInput
from releases.models import Environment, Grant, ScopeKind

WHAT = {
    ScopeKind.ENVIRONMENT: ("environment", "Choose the environment."),
    ScopeKind.TEAM: ("team", "Name the team."),
    ScopeKind.PATTERN: ("pattern", "Write a name, with * for anything and ? for one character."),
}


def give_role(
    person: User,
    role: Role,
    kind: ScopeKind,
    *,
    by: User,
    origin: Origin,
    environment: Environment | None = None,
    team: str = "",
    pattern: str = "",
) -> Grant:
    """Give `person` a role for one thing, in the place of another that they had for it.

    Raises NotAllowed, InvalidInput naming the field.
    """
    scope: dict[str, Any] = {"environment": environment, "team": team.strip(),
                             "pattern": pattern.strip()}  # fmt: skip
    with refused_role("give a role to", person, by=by, origin=origin), transaction.atomic():
        locked, giver = lock_people(person, by)
        policy.require(policy.can_give_roles(giver))
        field, missing = WHAT[kind]
        if not scope[field]:
            raise InvalidInput(missing, field=field)
        if role == Role.NONE:
            raise InvalidInput("Choose a role; taking one is below.", field="role")
        only = {field: scope[field]}
        wanted = Grant(person=locked, role=role, kind=kind, **only)
        check_entered(wanted, ["role", field])
        had = Grant.objects.filter(person=locked, kind=kind, **only).first()
        if had and had.role == role:
            raise InvalidInput(f"{locked.name} has this role for {had.scope} already.", field=field)
        if had:
            had.delete()
        wanted.save()
        record(
            "person.grant_given",
            by=giver,
            origin=origin,
            environment=environment if kind == ScopeKind.ENVIRONMENT else None,
            about=named(locked),
            person=locked.name,
            role=role.label.lower(),
            scope=wanted.scope,
            instead=f" instead of {Role(had.role).label.lower()}" if had else "",
            before={wanted.scope: had.role} if had else {},
            after={wanted.scope: role.value},
        )
        live.people_changed()
        look_at_their_approvals(locked)
    return wanted


def take_role(grant: Grant, *, by: User, origin: Origin) -> None:
    """Take it: what they approved by it stops counting at once. Raises NotAllowed, InvalidInput
    if somebody took it meanwhile."""
    person = grant.person
    with refused_role("take a role from", person, by=by, origin=origin), transaction.atomic():
        locked, taker = lock_people(person, by)
        policy.require(policy.can_give_roles(taker))
        present = Grant.objects.filter(pk=grant.pk).first()
        if present is None:
            raise InvalidInput(f"Somebody took this role from {person.name} meanwhile.")
        _remove(present, locked, "person.grant_taken", by=taker, origin=origin)
        live.people_changed()
        look_at_their_approvals(locked)


def lose_grants(locked: User, *, origin: Origin) -> None:
    """Take all of them from a locked person whose identity provider gives them no role any more."""
    given = list(locked.grants.select_related("environment"))
    for grant in given:
        _remove(grant, locked, "person.grant_lost", by=None, origin=origin,
                provider=settings.SLUICE_OIDC_NAME)  # fmt: skip
    if given:
        live.people_changed()
        look_at_their_approvals(locked)


def _remove(
    grant: Grant, locked: User, action: str, *, by: User | None, origin: Origin, **said: Any
) -> None:
    grant.delete()
    record(
        action,
        by=by,
        origin=origin,
        environment=grant.environment,
        about=named(locked),
        person=locked.name,
        role=Role(grant.role).label.lower(),
        scope=grant.scope,
        before={grant.scope: grant.role},
        after={},
        **said,
    )


def refused_role(verb: str, person: User, *, by: User, origin: Origin) -> Any:
    return recorded_refusal(
        "person.grant_refused", by=by, origin=origin, about=named(person),
        also=(InvalidInput,), verb=verb, person=person.name,
    )  # fmt: skip
