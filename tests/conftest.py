"""The fixtures of every test: the cast, a sandboxed AWS, and a clean database."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from accounts.models import Role, User
from releases import database_roles
from sandbox.aws import AwsSandbox, Timing
from tests import kept, roles
from tests.factories import UserFactory
from tests.signing_in import signed_in
from tests.world import World

ACCOUNT, REGION = "123456789012", "eu-west-1"
CLEANINGS = 5
# The first example of all builds tables of Unicode, which a busy machine takes seconds for.
hypothesis_settings.register_profile(
    "sluice", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("sluice")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The database is made, and at the end removed, by the owner of its tables."""
    roles.become(os.environ["DATABASE_OWNER_URL"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """From here on the application's role is used, as in production."""
    application = urlsplit(os.environ["DATABASE_URL"])
    assert application.username
    with django_db_blocker.unblock():
        database_roles.create(application.username, application.password or "")
        database_roles.grant(application.username)
        with roles.connected_as_owner():
            roles.become(os.environ["DATABASE_URL"])
            yield
        roles.become(os.environ["DATABASE_OWNER_URL"])


@pytest.fixture
def owner(transactional_db: None) -> psycopg.Connection[Any]:
    """SQL as the role that owns the tables, outside of Django's connection and committed."""
    return roles.owner()


@cache
def _emptying() -> bytes:
    return "; ".join(f"DELETE FROM {name}" for name in roles.tables()).encode()


def clean_database(_: TransactionTestCase | None = None) -> None:
    """Empty every table, as the owner: triggers keep rows that the product may never delete.

    DELETE, because TRUNCATE costs the same for an empty table as for a full one. Past all
    triggers, those of foreign keys included: the order does not matter, and all is emptied.
    """
    for left in reversed(range(CLEANINGS)):
        try:
            with roles.past_triggers() as owner:
                owner.execute(_emptying())
            return
        except psycopg.OperationalError:
            # The browser tests' worker or cron is at it at this moment, with locks taken in
            # another order.
            if not left:
                raise


# pytest-django cleans up after `transactional_db` through this method.
setattr(TransactionTestCase, "_fixture_teardown", clean_database)  # noqa: B010
# A connection serves the next test, too: PostgreSQL forks and reads its catalogue once, not always.
setattr(TransactionTestCase, "_should_reload_connections", lambda _: False)  # noqa: B010


@pytest.fixture(scope="session")
def aws_server() -> Iterator[AwsSandbox]:
    with AwsSandbox(port=0, timing=Timing(in_progress=0.0)).start() as server:
        # It brought moto and botocore with it, which stay: nothing to look through for garbage.
        gc.freeze()
        yield server


@pytest.fixture
def aws(aws_server: AwsSandbox, settings: Any) -> Iterator[AwsSandbox]:
    """An empty sandbox that every AWS call of the test goes to."""
    # Clients are kept by endpoint: they serve the next test, too.
    settings.SLUICE_AWS_ENDPOINT = aws_server.url
    yield aws_server
    aws_server.reset()
    # The whole of it: a CloudTrail left minutes late fails whatever test comes next in this row.
    aws_server.timing = Timing(in_progress=0.0)


@pytest.fixture
def monkeypatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """As pytest's own; known to whoever puts back what was done without patches."""
    kept.patches.append(monkeypatch)
    yield monkeypatch
    kept.patches.remove(monkeypatch)


@pytest.fixture(autouse=True)
def artifact_store(settings: Any, tmp_path: Path) -> Path:
    """Packages of a test go to a directory of its own."""
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    settings.STORAGES = settings.STORAGES | {
        "artifacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": settings.ARTIFACT_ROOT},
        }
    }
    return Path(settings.ARTIFACT_ROOT)


def _person(username: str, role: Role) -> Any:
    @pytest.fixture(name=username)
    def person(db: None) -> User:
        return UserFactory.create(username=username.replace("_", "-"), role=role)

    return person


developer = _person("developer", Role.DEVELOPER)
second_developer = _person("second_developer", Role.DEVELOPER)
manager = _person("manager", Role.RELEASE_MANAGER)
second_manager = _person("second_manager", Role.RELEASE_MANAGER)
security = _person("security", Role.SECURITY)
auditor = _person("auditor", Role.AUDITOR)
admin = _person("admin", Role.ADMINISTRATOR)
viewer = _person("viewer", Role.VIEWER)


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    """A browser in which this person signed in just now."""

    return signed_in


@pytest.fixture
def world(transactional_db: None, aws: AwsSandbox) -> World:
    """A function in AWS that Sluice does not know yet; for the pipeline, which needs commits."""
    built = World(aws)
    built.seed()
    return built
