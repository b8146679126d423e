"""Giving and taking roles for a part of what there is, and saying whose a function is."""

from __future__ import annotations

import pytest

from accounts.models import Role, User
from releases import live
from releases.actions.change_person import change_role
from releases.actions.grants import give_role, take_role
from releases.actions.set_team import set_team
from releases.errors import InvalidInput, NotAllowed
from releases.models import AuditEvent, Function, Grant, ScopeKind, role_for
from tests.factories import EnvironmentFactory, FunctionFactory, UserFactory
from tests.scopes import give, within
from tests.world import HERE

pytestmark = pytest.mark.django_db


def last() -> AuditEvent:
    return AuditEvent.objects.latest("pk")


def test_a_role_is_given_and_the_history_says_before_and_after(viewer: User, admin: User) -> None:
    staging = EnvironmentFactory.create(name="staging")
    kind = ScopeKind.ENVIRONMENT
    give_role(viewer, Role.DEVELOPER, kind, environment=staging, by=admin, origin=HERE)
    give_role(viewer, Role.SECURITY, kind, environment=staging, by=admin, origin=HERE)
    assert [each.role for each in viewer.grants.all()] == [Role.SECURITY]
    assert last().sentence == (
        "admin gave viewer the role security for the environment staging instead of developer"
    )
    scope = "the environment staging"
    assert (last().before, last().after) == ({scope: "developer"}, {scope: "security"})


def test_a_role_is_taken(viewer: User, admin: User) -> None:
    function = FunctionFactory.create(name="pay-api")
    give(viewer, Role.DEVELOPER, pattern="pay-*")
    take_role(Grant.objects.get(), by=admin, origin=HERE)
    person = User.objects.get(pk=viewer.pk)
    assert role_for(person, function) == Role.VIEWER
    assert last().sentence == (
        "admin took the role developer for functions called pay-* from viewer"
    )


@pytest.mark.parametrize(
    ("scope", "kind", "field"),
    [
        ({"team": ""}, ScopeKind.TEAM, "team"),
        ({"team": "Not A Team"}, ScopeKind.TEAM, "team"),
        ({"pattern": "pay-[ab]"}, ScopeKind.PATTERN, "pattern"),
        ({}, ScopeKind.ENVIRONMENT, "environment"),
    ],
)
def test_a_scope_that_means_nothing_is_refused_and_kept(
    viewer: User, admin: User, scope: dict[str, str], kind: ScopeKind, field: str
) -> None:
    with pytest.raises(InvalidInput) as problem:
        give_role(viewer, Role.DEVELOPER, kind, by=admin, origin=HERE, **scope)  # type: ignore[arg-type]
    assert problem.value.field == field
    assert last().action == "person.grant_refused"


@pytest.mark.parametrize("change", ["give", "take", "team", "role"])
def test_open_streams_ask_at_once_what_their_people_see(
    viewer: User, admin: User, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    function, said = FunctionFactory.create(name="pay-api"), []
    give(viewer, Role.DEVELOPER, pattern="pay-*")
    monkeypatch.setattr("releases.live.changed", lambda *topics: said.extend(topics))
    match change:
        case "give":
            kind = ScopeKind.TEAM
            give_role(viewer, Role.SECURITY, kind, team="shop", by=admin, origin=HERE)
        case "take":
            take_role(Grant.objects.get(), by=admin, origin=HERE)
        case "team":
            set_team(function, "shop", by=admin, origin=HERE)
        case "role":
            change_role(viewer, Role.NONE, seen=viewer.role, by=admin, origin=HERE)
    assert live.PEOPLE_CHANGED in said


def test_an_administrator_of_a_part_gives_no_roles(viewer: User) -> None:
    function = FunctionFactory.create()
    of_a_part = within(function.environment, Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        give_role(viewer, Role.VIEWER, ScopeKind.PATTERN, pattern="*", by=of_a_part, origin=HERE)
    assert not viewer.grants.exists()


def test_an_administrator_who_lost_the_role_meanwhile_gives_none(viewer: User, admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        give_role(viewer, Role.VIEWER, ScopeKind.PATTERN, pattern="*", by=admin, origin=HERE)


def test_the_team_of_a_function_is_set_and_told(admin: User) -> None:
    function = FunctionFactory.create(name="pay-api")
    set_team(function, "money", by=admin, origin=HERE)
    assert Function.objects.get().team == "money"
    assert last().sentence == "admin set the team of pay-api from none to money"
    with pytest.raises(InvalidInput):
        set_team(function, "No Team!", by=admin, origin=HERE)


def test_whoever_has_a_role_by_a_team_does_not_give_functions_to_it() -> None:
    function = FunctionFactory.create(team="money")
    manager = give(within(function, Role.RELEASE_MANAGER), Role.RELEASE_MANAGER, team="shop")
    with pytest.raises(NotAllowed):
        set_team(function, "shop", by=manager, origin=HERE)
    assert last().action == "function.refused"


def test_an_administrator_of_a_part_makes_no_approvers_by_a_team() -> None:
    function = FunctionFactory.create(team="money")
    friend = give(UserFactory.create(role=Role.NONE), Role.RELEASE_MANAGER, team="shop")
    for scope in ({"environment": function.environment}, {"team": "money"}, {"pattern": "*"}):
        of_a_part = give(UserFactory.create(role=Role.NONE), Role.ADMINISTRATOR, **scope)
        with pytest.raises(NotAllowed, match="Only administrators say which team"):
            set_team(function, "shop", by=of_a_part, origin=HERE)
    function.refresh_from_db()
    assert role_for(friend, function) == Role.NONE
