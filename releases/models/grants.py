"""Grants: a role for a part of what there is. The only place that knows what a grant covers: in
Python, and as a condition for queries."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Replace
from django.db.models.lookups import PostgresOperatorLookup

from accounts.models import Role, User

if TYPE_CHECKING:
    from releases.models.functions import Function

TEAM_NAME = RegexValidator(
    r"^[a-z0-9][a-z0-9-]*$",
    "A team is named with small letters, digits and -, and begins with no -.",
)
PATTERN = RegexValidator(
    r"^[A-Za-z0-9_*?-]+$",
    "A pattern is the name of a function, in which * stands for anything and ? for one character.",
)
MOST_PATTERN = 64

# People are locked before their grants, so this is never in anybody's way.
KEEP_HAS_GRANTS = """
    UPDATE accounts_user SET has_grants = EXISTS (
        SELECT 1 FROM releases_grant WHERE person_id = accounts_user.id
    ) WHERE id IN (COALESCE(NEW.person_id, OLD.person_id), COALESCE(OLD.person_id, NEW.person_id));
    RETURN NULL;
"""


@models.CharField.register_lookup
class Like(PostgresOperatorLookup):
    """`name LIKE pattern`, for patterns that are columns or were made by `like_of`."""

    lookup_name = "like"
    postgres_operator = "LIKE"


def like_of(pattern: str) -> str:
    return pattern.replace("_", r"\_").replace("*", "%").replace("?", "_")


def _like_in_sql() -> Replace:
    found: Any = F("pattern")
    for old, new in (("_", r"\_"), ("*", "%"), ("?", "_")):
        found = Replace(found, Value(old), Value(new))
    assert isinstance(found, Replace)  # noqa: S101 - for mypy
    return found


class ScopeKind(models.TextChoices):
    ENVIRONMENT = "environment", "An environment"
    TEAM = "team", "The functions of a team"
    PATTERN = "pattern", "Functions by their names"


class Grant(models.Model):
    """A role of one person for an environment, a team, or functions whose names match."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role)
    kind = models.CharField(max_length=11, choices=ScopeKind)
    environment = models.ForeignKey(
        "releases.Environment", models.PROTECT, null=True, related_name="grants"
    )
    team = models.CharField(max_length=40, blank=True, validators=[TEAM_NAME])
    pattern = models.CharField(max_length=MOST_PATTERN, blank=True, validators=[PATTERN])
    # The pattern as PostgreSQL matches it.
    like = models.GeneratedField(
        expression=_like_in_sql(),
        output_field=models.CharField(max_length=2 * MOST_PATTERN),
        db_persist=True,
    )
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind=ScopeKind.ENVIRONMENT, environment__isnull=False, team="", pattern=""
                )
                | (Q(kind=ScopeKind.TEAM, environment=None, pattern="") & ~Q(team=""))
                | (Q(kind=ScopeKind.PATTERN, environment=None, team="") & ~Q(pattern="")),
                name="a_grant_is_for_one_thing",
            ),
            models.CheckConstraint(condition=~Q(role=Role.NONE), name="a_grant_gives_a_role"),
            models.CheckConstraint(
                condition=Q(pattern__regex=r"^[A-Za-z0-9_*?-]*$"),
                name="a_grant_has_a_plain_pattern",
            ),
            models.UniqueConstraint(
                fields=["person", "environment"],
                condition=Q(kind=ScopeKind.ENVIRONMENT),
                name="one_grant_per_environment",
            ),
            models.UniqueConstraint(
                fields=["person", "team"],
                condition=Q(kind=ScopeKind.TEAM),
                name="one_grant_per_team",
            ),
            models.UniqueConstraint(
                fields=["person", "pattern"],
                condition=Q(kind=ScopeKind.PATTERN),
                name="one_grant_per_pattern",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="its_person_has_grants",
                operation=pgtrigger.Insert | pgtrigger.Delete | pgtrigger.UpdateOf("person_id"),
                when=pgtrigger.After,
                func=KEEP_HAS_GRANTS,
            )
        ]

    def __str__(self) -> str:
        return f"{Role(self.role).label} for {self.scope}"

    @property
    def scope(self) -> str:
        """What it covers, in words."""
        if self.kind == ScopeKind.ENVIRONMENT and self.environment:
            return f"the environment {self.environment.name}"
        if self.kind == ScopeKind.TEAM:
            return f"the team {self.team}"
        return f"functions called {self.pattern}"

    def covers(self, function: Function) -> bool:
        match ScopeKind(self.kind):
            case ScopeKind.ENVIRONMENT:
                return self.environment_id == function.environment_id
            case ScopeKind.TEAM:
                return self.team == function.team
            case ScopeKind.PATTERN:
                return fnmatchcase(function.name, self.pattern)


def grants_of(person: User) -> list[Grant]:
    """At most one query for a person however often it is asked for, and none without grants."""
    know_grants([person])
    return list(person.grants.all()) if person.has_grants else []


def know_grants(people: Iterable[User]) -> None:
    """Read them for all of these at once. At most one query, and none where nobody has any."""
    having = [each for each in people if each.has_grants]
    if having:
        models.prefetch_related_objects(having, "grants")


def scope_of(person: User) -> str:
    """What somebody sees, in words that change when it does; empty for everything."""
    if sees_everything(person):
        return ""
    return "; ".join(sorted(each.scope for each in grants_of(person))) or "nothing"


def sees_everything(person: User) -> bool:
    """A role for everything, whichever, shows everything."""
    return person.role != Role.NONE


def covered_by(grants: Iterable[Grant], way: str = "") -> Q:
    """Functions that one of these covers; `way` leads to the function from the queried rows."""
    found = Q(pk__in=[])
    by_kind: dict[str, list[Grant]] = {}
    for each in grants:
        by_kind.setdefault(each.kind, []).append(each)
    for kind, given in by_kind.items():
        if kind == ScopeKind.ENVIRONMENT:
            found |= Q(**{f"{way}environment__in": [each.environment_id for each in given]})
        elif kind == ScopeKind.TEAM:
            found |= Q(**{f"{way}team__in": [each.team for each in given]})
        else:
            for each in given:
                found |= Q(**{f"{way}name__like": like_of(each.pattern)})
    return found
