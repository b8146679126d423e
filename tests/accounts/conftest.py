"""Somebody with a password, their browser, and no limits left over from another test."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Role, User
from tests.signing_in import PASSWORD, signed_in


@pytest.fixture(autouse=True)
def no_limits_left(db: None) -> None:
    cache.clear()


@pytest.fixture
def somebody() -> User:
    return User.objects.create_user("somebody", password=PASSWORD, role=Role.RELEASE_MANAGER)


@pytest.fixture
def own(somebody: User) -> Client:
    return signed_in(somebody)
