"""Who has which role for what: the one role of a person for a function or an environment."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import (
    Case,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import Exact

from accounts.models import Role, User
from releases.models.environments import Environment
from releases.models.functions import Function
from releases.models.grants import Grant, Like, ScopeKind, covered_by, grants_of, know_grants


def role_for(person: User, function: Function) -> Role:
    """The one role that somebody has for a function: the strongest that covers it."""
    return _strongest(person, (each for each in grants_of(person) if each.covers(function)))


def sees(person: User, function: Function) -> bool:
    """Whether it exists for them: `Function.objects.visible_to` for one at hand."""
    return role_for(person, function) != Role.NONE


def role_in(person: User, environment: Environment) -> Role:
    """The role for an environment itself: of teams and names, no grant gives one."""
    given = (each for each in grants_of(person) if each.environment_id == environment.pk)
    return _strongest(person, given)


def role_of(person: User, subject: Function | Environment | None) -> Role:
    """For a function, an environment or, with None, for everything."""
    if subject is None:
        return Role(person.role)
    if isinstance(subject, Environment):
        return role_in(person, subject)
    return role_for(person, subject)


def roles_of(person: User) -> set[Role]:
    """Every role that somebody has for anything."""
    return {Role(person.role), *(Role(each.role) for each in grants_of(person))}


def _strongest(person: User, grants: Iterable[Grant]) -> Role:
    roles = [Role(person.role), *(Role(each.role) for each in grants)]
    return max(roles, key=lambda role: role.strength)


def with_role(person: User, roles: Iterable[Role], way: str = "") -> Q:
    """Functions for which this person's one role is among `roles`."""
    wanted, grants = set(roles), grants_of(person)
    if not grants:
        return Q() if person.role in wanted else Q(pk__in=[])
    found = Q(pk__in=[])
    for role in wanted:
        stronger = [each for each in grants if Role(each.role).strength > role.strength]
        here = [each for each in grants if each.role == role]
        if person.role == role:
            # Q() would vanish from the OR.
            given = ~Q(pk__in=[])
        elif Role(person.role).strength > role.strength or not here:
            continue
        else:
            given = covered_by(here, way)
        found |= given & ~covered_by(stronger, way) if stronger else given
    return found


def has_still(role: str, person: str, function: str) -> Q:
    """In a query: whether the role in the column `role` is the one of `person` for `function`.

    Each is the way there from the queried rows. People without grants cost no subquery.
    """
    name, team = OuterRef(f"{function}__name"), OuterRef(f"{function}__team")
    covering = Grant.objects.filter(
        Q(environment=OuterRef(f"{function}__environment"))
        | Q(Q(kind=ScopeKind.TEAM), team=team)
        | Q(Q(kind=ScopeKind.PATTERN), Like(name, F("like"))),
        person=OuterRef(person),
    )
    return _same_role(role, person, covering)


def has_still_in(role: str, person: str, environment: str) -> Q:
    """As `has_still`, for an environment itself."""
    covering = Grant.objects.filter(environment=OuterRef(environment), person=OuterRef(person))
    return _same_role(role, person, covering)


def _same_role(role: str, person: str, covering: QuerySet[Grant]) -> Q:
    strongest = covering.order_by().values("person").annotate(most=Max(_strength("role")))
    given = Coalesce(Subquery(strongest.values("most")), 0, output_field=IntegerField())
    theirs = Greatest(_strength(f"{person}__role"), given)
    plain = Q(**{f"{person}__has_grants": False, f"{person}__role": F(role)})
    return plain | Q(Q(**{f"{person}__has_grants": True}), Exact(_strength(role), theirs))


def _strength(column: str) -> Combinable:
    whens = [When(**{column: role.value}, then=Value(role.strength)) for role in Role]
    return Case(*whens, default=Value(0), output_field=IntegerField())


def people_with_any(roles: Iterable[str]) -> list[User]:
    """The active people who may have one of these roles for something, with their grants. At
    most two queries."""
    known = User.objects.filter(Q(role__in=set(roles)) | Q(has_grants=True), is_active=True)
    found = list(known.order_by("first_name", "username"))
    know_grants(found)
    return found


def people_with(roles: Iterable[str], subject: Function | Environment) -> list[User]:
    """The active people whose role for this is among `roles`. At most two queries."""
    wanted = set(roles)
    return [each for each in people_with_any(wanted) if role_of(each, subject) in wanted]
