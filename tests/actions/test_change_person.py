"""Changing people: at once, everywhere, and never so that nobody could change it back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from redis import Redis
from redis.client import PubSub

from accounts.models import Role, User
from releases import broker, live, policy
from releases.actions.change_person import change_role, deactivate_person, reactivate_person
from releases.audit import Origin
from releases.errors import NotAllowed, StalePerson
from releases.models import AuditEvent
from releases.states import ReleaseState
from tests.factories import UserFactory
from tests.views.scenes import a_release, approved_by

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
HERE = Origin(address="127.0.0.1")


@pytest.fixture
def told(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[PubSub]:
    monkeypatch.setattr(broker, "_down_until", 0.0)
    with Redis.from_url(settings.REDIS_URL) as redis, redis.pubsub() as pubsub:
        pubsub.subscribe(live.channel())
        assert pubsub.get_message(timeout=2)
        yield pubsub


def topics(told: PubSub) -> set[str]:
    found: set[str] = set()
    while message := told.get_message(timeout=0.5):
        found |= set(json.loads(message["data"]))
    return found


def test_all_sessions_of_the_person_are_deleted_and_no_others(
    client_for: ClientFor, admin: User, manager: User, viewer: User
) -> None:
    for person in (manager, manager, viewer):
        client_for(person).get("/")
    UserSession.objects.create(user=manager, session_key="listed", ip="127.0.0.1")
    deactivate_person(manager, by=admin, origin=HERE)
    assert [each.get_decoded()["_auth_user_id"] for each in Session.objects.all()] == [
        str(viewer.pk)
    ]
    assert not UserSession.objects.filter(user=manager).exists()


def test_open_streams_are_told_at_once(
    admin: User, manager: User, told: PubSub, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        deactivate_person(manager, by=admin, origin=HERE)
    assert live.PEOPLE_CHANGED in topics(told)


@pytest.mark.parametrize("change", ["role", "out"])
def test_approvals_stop_counting_and_the_release_is_looked_at(
    admin: User, manager: User, told: PubSub, change: str, django_capture_on_commit_callbacks: Any
) -> None:
    release = a_release(ReleaseState.AWAITING_APPROVAL)
    approved_by(release, manager)
    round_ = release.rounds.get()
    assert policy.enough_approvals(round_)
    with django_capture_on_commit_callbacks(execute=True):
        if change == "out":
            deactivate_person(manager, by=admin, origin=HERE)
        else:
            change_role(manager, Role.DEVELOPER, seen=manager.role, by=admin, origin=HERE)
    assert not policy.enough_approvals(round_)
    assert f"release-{release.pk}" in topics(told)
    release.refresh_from_db()
    assert release.enqueued_at is not None


def test_a_refused_change_is_in_the_history(viewer: User, manager: User) -> None:
    with pytest.raises(NotAllowed):
        deactivate_person(manager, by=viewer, origin=HERE)
    event = AuditEvent.objects.get(action="person.change_refused")
    assert event.sentence.startswith("viewer was not allowed to deactivate manager: Only admin")


def test_nobody_is_deactivated_or_reactivated_twice(admin: User, manager: User) -> None:
    deactivate_person(manager, by=admin, origin=HERE)
    with pytest.raises(StalePerson, match="manager is deactivated already"):
        deactivate_person(manager, by=admin, origin=HERE)
    reactivate_person(manager, by=admin, origin=HERE)
    with pytest.raises(StalePerson, match="manager is active already"):
        reactivate_person(manager, by=admin, origin=HERE)


def test_who_lost_the_role_meanwhile_changes_nobody(admin: User, manager: User) -> None:
    User.objects.filter(pk=admin.pk).update(role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        deactivate_person(manager, by=admin, origin=HERE)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_change_each_other_leave_one() -> None:
    pair = [UserFactory.create(username=name, role=Role.ADMINISTRATOR) for name in ("one", "two")]
    together = threading.Barrier(2, timeout=10)
    refusals: list[Exception] = []

    def change(by: User, other: User) -> None:
        together.wait()
        try:
            deactivate_person(other, by=by, origin=HERE)
        except NotAllowed as error:
            refusals.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=each) for each in (pair, pair[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert User.objects.filter(is_active=True, role=Role.ADMINISTRATOR).count() == 1
    assert len(refusals) == 1
