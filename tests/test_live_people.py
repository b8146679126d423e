"""Promises of `live_people`: whoever could not open a page cannot keep a stream."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import User
from config import live_people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests ask on their own connection, which has their transaction."""
    monkeypatch.setattr(connections, "close_all", lambda: None)


@pytest.fixture
def key(developer: User, client_for: Callable[[User], Client]) -> str:
    return str(client_for(developer).session.session_key)


def test_a_signed_in_person_is_known(developer: User, key: str) -> None:
    assert live_people.signed_in([key, "unknown", ""]) == {key: developer.pk}


def test_a_person_made_inactive_is_not(developer: User, key: str) -> None:
    User.objects.filter(pk=developer.pk).update(is_active=False)
    assert live_people.signed_in([key]) == {}


def test_a_changed_password_ends_older_sessions(developer: User, key: str) -> None:
    developer.set_password("another")
    developer.save()
    assert live_people.signed_in([key]) == {}
    assert Session.objects.filter(pk=key).exists()


def test_an_expired_session_is_none(key: str) -> None:
    Session.objects.update(expire_date=timezone.now())
    assert live_people.signed_in([key]) == {}


def test_a_session_of_nobody_is_none() -> None:
    session = Client().session
    session.create()
    assert live_people.signed_in([str(session.session_key)]) == {}
