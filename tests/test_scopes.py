"""Scopes: one role a function, the same in Python and in every query, and gone when it is taken."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from releases import policy
from releases.models import (
    AuditEvent,
    Decision,
    Environment,
    Function,
    Grant,
    Release,
    ScopeKind,
    Verdict,
    role_for,
    role_in,
    with_role,
)
from releases.models.roles import has_still
from releases.states import ReleaseState
from releases.views.waiting import waiting_for, with_approvals
from tests.factories import EnvironmentFactory, FunctionFactory, UserFactory
from tests.scopes import everywhere, give, on, over, within
from tests.views.scenes import a_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def functions() -> list[Function]:
    """Two environments; names and teams that patterns and grants tell apart."""
    production, staging = (EnvironmentFactory.create(name=name) for name in ("prod", "staging"))
    return [
        FunctionFactory.create(environment=environment, name=name, team=team)
        for environment in (production, staging)
        for name, team in (("pay-api", "money"), ("pay_api", ""), ("shop", "money"), ("PAY-x", ""))
    ]


SCOPES = [
    {"kind": ScopeKind.ENVIRONMENT, "environment": "prod"},
    {"kind": ScopeKind.TEAM, "team": "money"},
    {"kind": ScopeKind.PATTERN, "pattern": "pay-*"},
    {"kind": ScopeKind.PATTERN, "pattern": "pay?api"},
    {"kind": ScopeKind.PATTERN, "pattern": "pay_api"},
]


def test_python_and_every_query_agree_on_who_has_which_role(functions: list[Function]) -> None:
    weak, strong = (Role.VIEWER, Role.SECURITY), (Role.RELEASE_MANAGER, Role.ADMINISTRATOR)
    for role, (first, second), one, two in itertools.product(
        (Role.NONE, Role.DEVELOPER, Role.RELEASE_MANAGER),
        itertools.combinations(SCOPES, 2),
        weak,
        strong,
    ):
        person = UserFactory.create(role=role)
        give(person, one, **first)
        give(person, two, **second)
        roles = {each.pk: role_for(person, each) for each in functions}
        for wanted in Role:
            expected = {pk for pk, role in roles.items() if role == wanted}
            if wanted != Role.NONE:
                found = Function.objects.filter(with_role(person, [wanted]))
                assert set(found.values_list("pk", flat=True)) == expected, (role, first, second)
        visible = set(Function.objects.visible_to(person).values_list("pk", flat=True))
        assert visible == {pk for pk, role in roles.items() if role != Role.NONE}


def test_an_approval_counts_in_the_one_role_for_the_function(functions: list[Function]) -> None:
    """`has_still`, which counts approvals in queries, as `role_for` does."""
    for function in functions[:4]:
        release = a_release(ReleaseState.AWAITING_APPROVAL, function=function)
        round_ = release.current_round
        assert round_
        for role, scope in itertools.product((Role.NONE, Role.SECURITY), SCOPES):
            for given in (Role.SECURITY, Role.RELEASE_MANAGER, Role.ADMINISTRATOR):
                person = UserFactory.create(role=role)
                give(person, given, **scope)
                decision = Decision.objects.create(
                    round=round_, person=person, role=Role.RELEASE_MANAGER,
                    verdict=Verdict.APPROVE, fingerprint=round_.fingerprint,
                )  # fmt: skip
                still = has_still("role", "person", "round__release__function")
                counts = Decision.objects.filter(still, pk=decision.pk).exists()
                assert counts == (role_for(person, function) == Role.RELEASE_MANAGER)
        assert policy.counting_approvals(round_)
        shown = with_approvals(Release.objects.filter(pk=release.pk))
        assert getattr(shown.get(), "approvals") == 1  # noqa: B009 - mypy does not know it


def test_the_strongest_of_several_counts_and_an_administrator_is_no_approver() -> None:
    function = FunctionFactory.create(name="pay-api")
    person = within(function, Role.RELEASE_MANAGER)
    assert role_for(person, function) == Role.RELEASE_MANAGER
    give(person, Role.VIEWER, pattern="pay-*")
    assert role_for(person, function) == Role.RELEASE_MANAGER
    give(person, Role.ADMINISTRATOR, pattern="*")
    assert role_for(person, function) == Role.ADMINISTRATOR
    release = a_release(ReleaseState.AWAITING_APPROVAL, function=function)
    assert not policy.can_approve(person, release)


def test_a_manager_of_one_environment_approves_there_and_nowhere_else() -> None:
    here, there = (
        a_release(
            ReleaseState.AWAITING_APPROVAL,
            function=FunctionFactory.create(environment=EnvironmentFactory.create(name=name)),
        )
        for name in ("production", "staging")
    )
    person = within(here.function.environment, Role.RELEASE_MANAGER)
    assert policy.can_approve(person, here)
    may = policy.can_approve(person, there)
    assert not may
    assert may.reason == (
        f"Only release managers approve releases. You have no role for {there.function.name}."
    )
    assert list(waiting_for(person)) == [here]


def test_whoever_has_two_roles_in_two_places_is_asked_in_each_for_its_own(
    functions: list[Function],
) -> None:
    person = on(UserFactory.create(role=Role.NONE), functions[0].environment, Role.SECURITY)
    give(person, Role.RELEASE_MANAGER, environment="staging")
    asked = []
    for function in functions:
        release = a_release(ReleaseState.AWAITING_APPROVAL, function=function)
        if policy.can_approve(person, release):
            asked.append(release)
    # Every policy here asks for one release manager and no security.
    assert {each.function.environment.name for each in asked} == {"staging"}
    assert set(waiting_for(person)) == set(asked)


def test_taking_a_grant_stops_its_approvals_from_counting_at_once() -> None:
    release = a_release(ReleaseState.AWAITING_APPROVAL)
    person, round_ = within(release.function, Role.RELEASE_MANAGER), release.current_round
    assert round_
    Decision.objects.create(
        round=round_, person=person, role=Role.RELEASE_MANAGER,
        verdict=Verdict.APPROVE, fingerprint=round_.fingerprint,
    )  # fmt: skip
    assert policy.enough_approvals(round_)
    Grant.objects.all().delete()
    assert not policy.enough_approvals(round_)
    assert policy.lapsed_approvals(round_) == {
        person.name: f"does not count: {person.name} is no longer a release manager"
    }


def test_a_function_that_changes_teams_changes_whose_approvals_count() -> None:
    function = FunctionFactory.create(team="money")
    release = a_release(ReleaseState.AWAITING_APPROVAL, function=function)
    person = give(UserFactory.create(role=Role.NONE), Role.RELEASE_MANAGER, team="money")
    assert policy.can_approve(person, release)
    function.team = "shop"
    function.save(update_fields=["team"])
    release.refresh_from_db()
    assert not policy.can_approve(person, Release.objects.get(pk=release.pk))


def test_the_environment_itself_is_nobodys_by_a_team_or_a_name() -> None:
    function = FunctionFactory.create(team="money")
    person = give(UserFactory.create(role=Role.NONE), Role.ADMINISTRATOR, team="money")
    assert role_for(person, function) == Role.ADMINISTRATOR
    assert role_in(person, function.environment) == Role.NONE
    assert not policy.can_manage_environments(person, function.environment)
    assert list(Environment.objects.visible_to(person)) == [function.environment]


def test_an_underscore_in_a_pattern_is_itself() -> None:
    FunctionFactory.create(name="pay-api")
    mine = FunctionFactory.create(name="pay_api")
    person = give(UserFactory.create(role=Role.NONE), Role.VIEWER, pattern="pay_*")
    assert list(Function.objects.visible_to(person)) == [mine]


def test_people_with_a_role_for_everything_cost_no_query_and_no_join() -> None:
    person = everywhere(Role.DEVELOPER)
    for rows in (Function.objects, Release.objects, AuditEvent.objects, Environment.objects):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            scoped = rows.visible_to(person)
        assert not queries.captured_queries
        assert str(scoped.query) == str(rows.all().query)
    with CaptureQueriesContext(connection) as queries:
        policy.can_create_release(person, Function(name="pay-api"))
    assert not queries.captured_queries


def test_grants_are_read_once_a_person() -> None:
    functions = FunctionFactory.create_batch(3)
    person = over(functions[:2], Role.DEVELOPER)
    person = User.objects.get(pk=person.pk)
    with CaptureQueriesContext(connection) as queries:
        for function in functions:
            role_for(person, function)
    assert len(queries.captured_queries) == 1


def test_the_database_knows_who_has_grants() -> None:
    person = UserFactory.create(role=Role.NONE)
    give(person, Role.VIEWER, pattern="pay-*")
    give(person, Role.VIEWER, pattern="shop-*")
    Grant.objects.filter(pattern="pay-*").delete()
    person.refresh_from_db()
    assert person.has_grants
    Grant.objects.all().delete()
    person.refresh_from_db()
    assert not person.has_grants


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": ScopeKind.PATTERN, "pattern": ""},
        {"kind": ScopeKind.PATTERN, "pattern": "pay-[ab]"},
        {"kind": ScopeKind.TEAM, "team": "money", "pattern": "pay-*"},
        {"kind": ScopeKind.PATTERN, "pattern": "pay-*", "role": Role.NONE},
    ],
)
def test_the_database_keeps_no_grant_that_means_nothing(wrong: dict[str, Any]) -> None:
    person = UserFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(**{"person": person, "role": Role.VIEWER} | wrong)
