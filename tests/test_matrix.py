"""Every address for every role, for strangers, and for people for whom it does not exist."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.utils.html import conditional_escape

from accounts.models import Role, User
from releases.models import AuditEvent, Environment, Function
from releases.policy.matrix import EVERYBODY, MATRIX, Reach, Right
from tests.attempt_scene import Scene
from tests.attempts import ADDRESSES
from tests.factories import EnvironmentFactory, FunctionFactory, UserFactory
from tests.looks import ELSEWHERE, SECRET, Place, looks, place
from tests.rights import RIGHTS
from tests.scopes import give, on
from tests.test_attempts import routes, rows, send
from tests.undrawn import undrawn

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
# What a person is refused with: by the matrix, or because it does not exist for them.
NO, NOT_THERE = 403, 404
# Everybody's own, and attempted in test_attempts.py by whoever may.
OF_ACCOUNTS = {name for name in RIGHTS if not name.startswith(("releases:", "comparisons/"))}
# For whoever holds a code, signed in or not.
BY_CODE = {"releases:join", "releases:break_glass"}
# Here there is nowhere to go, and there are no more files than the page shows.
FOUND = {200, 204, 302}
NOWHERE = ("releases:promote", "releases:more_changes", "releases:more_nodes",
           "comparisons/<int:pk>/changes/more/", "comparisons/<int:pk>/changes/tree/")  # fmt: skip


def may(right: Right | None, role: Role) -> bool:
    return role in (right.roles if right else EVERYBODY)


def outsider(role: Role) -> User:
    """Somebody who has `role` for another function, and for its environment."""
    other, _ = Environment.objects.get_or_create(name="theirs", defaults=_aws())
    return on(UserFactory.create(role=Role.NONE), other, role)


def _aws() -> dict[str, str]:
    return {"account_id": "222222222222", "region": "eu-west-1"}


def insider(role: Role) -> User:
    """Somebody who has `role` in every environment that there is, and none for everything."""
    person = UserFactory.create(role=Role.NONE)
    for environment in Environment.objects.all():
        on(person, environment, role)
    return person


@pytest.fixture
def somewhere(admin: User, artifact_store: object) -> Place:
    return place(admin)


def test_every_address_is_in_the_matrix() -> None:
    # Those of Django's admin are walked by test_support.py: administrators look, nobody acts.
    names = {name for name, _ in routes(get_resolver()) if not name.startswith("admin:")}
    assert names == RIGHTS.keys()
    rights = {right for group in MATRIX.values() for right in group}
    assert {each for asks in RIGHTS.values() for each in (asks.look, asks.act) if each} <= rights


def test_every_page_is_looked_at_here(client_for: ClientFor, admin: User, somewhere: Place) -> None:
    client = client_for(admin)
    for name, path in looks(somewhere).items():
        with undrawn():
            assert client.get(path).status_code != 405, name
    missing = RIGHTS.keys() - looks(somewhere).keys()
    # Neither is there a page behind what only takes something.
    assert {name for name in missing if not RIGHTS[name].act} <= {
        *OF_ACCOUNTS, *BY_CODE, "releases:take_days_evidence",
        "releases:save_audit_view", "releases:remove_audit_view", "releases:export_audit",
        "releases:download_audit",
    }  # fmt: skip


@pytest.mark.parametrize("role", [role for role in Role if role != Role.NONE])
def test_each_role_sees_the_pages_of_its_rights(
    client_for: ClientFor, somewhere: Place, role: Role
) -> None:
    """For everything, and for the one function and its environment: the same answers.

    Each page is drawn once for each role: for whoever has the least with which they may look.
    """
    people = {"there": insider(role), "everything": UserFactory.create(role=role)}
    drawn = set()
    for reach, person in people.items():
        client = client_for(person)
        for name, path in looks(somewhere).items():
            asks = RIGHTS[name]
            allowed = may(asks.look, role) and not asks.own
            everywhere = asks.look is not None and asks.look.reach == Reach.EVERYTHING
            if reach == "there" and (everywhere or name == "releases:add_environment"):
                allowed = False
            draws = allowed and name not in drawn
            with nullcontext() if draws else undrawn():
                status = client.get(path).status_code
            drawn |= {name} if draws else set()
            expected = ({NOT_THERE} if name in NOWHERE else FOUND) if allowed else {NO}
            if asks.own and reach == "there":
                expected = {NO, NOT_THERE}
            if name == "releases:person" and reach == "there":
                # Of people there are those who did something in it.
                expected = {NOT_THERE}
            assert status in expected, (name, role, reach, status)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RELEASE_MANAGER, Role.ADMINISTRATOR])
def test_what_is_out_of_scope_does_not_exist(
    client_for: ClientFor, somewhere: Place, role: Role
) -> None:
    client = client_for(outsider(role))
    reference = somewhere.release.reference
    for name, path in looks(somewhere).items():
        answer = client.get(path)
        asks, shown = RIGHTS[name], answer.content.decode()
        if asks.scoped and name != "releases:new":
            assert answer.status_code == NOT_THERE, (name, answer.status_code)
        else:
            assert answer.status_code in (200, NO, NOT_THERE), (name, answer.status_code)
        words = (SECRET, ELSEWHERE, "vault")
        # Of a number that somebody typed the page says that there is none.
        for word in (*words, reference) if answer.status_code == 200 else words:
            assert word not in shown, (name, word)


def test_nobody_looks_who_is_signed_out_or_deactivated(
    client_for: ClientFor, somewhere: Place
) -> None:
    gone = UserFactory.create(role=Role.ADMINISTRATOR)
    was_in = client_for(gone)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    for client in (Client(), was_in):
        for name, path in looks(somewhere).items():
            answer = client.get(path)
            assert answer.status_code == 302, name
            assert answer["Location"].startswith("/accounts/login/"), name


ATTEMPTED = sorted(
    name
    for name, address in ADDRESSES.items()
    if not address.in_aws and name not in OF_ACCOUNTS | BY_CODE
)


@pytest.mark.parametrize("name", ATTEMPTED)
def test_each_role_may_do_what_the_matrix_says(client_for: ClientFor, name: str) -> None:
    asks, address, scene = RIGHTS[name], ADDRESSES[name], Scene()
    for role in Role:
        attempt = address.make(scene)
        people = [UserFactory.create(role=role)]
        if asks.scoped and role != Role.NONE:
            people.append(insider(role))
        of_everything = asks.act is not None and asks.act.reach == Reach.EVERYTHING
        for person in people:
            allowed = may(asks.act, role) and not asks.own and role not in asks.unasked
            if of_everything and person.role == Role.NONE:
                allowed = False
            if asks.scoped and role == Role.NONE:
                # The form of a new release offers no such function.
                expected = {422 if name == "releases:new" else NOT_THERE}
            elif allowed or role == Role.NONE:
                expected = {200, 201, 302} if allowed else {200, 201, 302, NO, NOT_THERE}
            else:
                expected = {NO} | ({NOT_THERE} if asks.own else set())
            before = AuditEvent.objects.count()
            with transaction.atomic(), undrawn():
                status = send(client_for(person), name, address, attempt).status_code
                told = AuditEvent.objects.count() - before
                # The next one finds it as this one did: done twice, some are no change.
                transaction.set_rollback(True)
            assert status in expected, (name, role, status)
            assert told, (name, role)


def test_what_cannot_be_seen_cannot_be_touched_and_the_attempt_is_kept(
    client_for: ClientFor,
) -> None:
    scene = Scene()
    for name in sorted(ADDRESSES.keys() - OF_ACCOUNTS - BY_CODE):
        asks, address = RIGHTS[name], ADDRESSES[name]
        if not asks.scoped:
            continue
        for role in (Role.RELEASE_MANAGER, Role.ADMINISTRATOR):
            attempt, person = address.make(scene), outsider(role)
            client, before = client_for(person), rows()
            with undrawn():
                answer = send(client, name, address, attempt)
            expected = (422, 404) if name == "releases:new" else (404,)
            assert answer.status_code in expected, (name, role, answer.status_code)
            assert rows() == before, name
            if answer.status_code == 404 and name != "releases:upload":
                last = AuditEvent.objects.latest("pk")
                assert (last.action, last.actor_id) == ("person.refused", person.pk), name


def test_nobody_does_anything_who_is_deactivated(client_for: ClientFor) -> None:
    scene = Scene()
    for name in sorted(ADDRESSES.keys() - OF_ACCOUNTS - BY_CODE):
        address = ADDRESSES[name]
        attempt = address.make(scene)
        person = scene.people.get(address.by) or UserFactory.create(role=Role.ADMINISTRATOR)
        gone = UserFactory.create(role=person.role)
        client = client_for(gone)
        gone.is_active = False
        gone.save(update_fields=["is_active"])
        before = rows()
        with undrawn():
            assert send(client, name, address, attempt).status_code in (302, 401), name
        assert rows() == before, name


def test_the_page_shows_the_table_that_is_asked(client_for: ClientFor, viewer: User) -> None:
    shown = client_for(viewer).get("/who-may/").content.decode()
    for group in MATRIX.values():
        for right in group:
            assert conditional_escape(f"{right.verb[0].upper()}{right.verb[1:]}") in shown
    assert shown.count('<span class="vh">yes</span>') == sum(
        len(right.roles) for group in MATRIX.values() for right in group
    )


def test_a_pattern_covers_what_is_added_later() -> None:
    person = give(UserFactory.create(role=Role.NONE), Role.VIEWER, pattern="pay-*")
    later = FunctionFactory.create(name="pay-later", environment=EnvironmentFactory.create())
    assert list(Function.objects.visible_to(person)) == [later]
