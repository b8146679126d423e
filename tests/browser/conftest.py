"""A real web server, worker and cron on the test's database, and people in real browsers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from playwright.sync_api import Browser, expect

from sandbox.aws import AwsSandbox
from tests import roles
from tests.browser.people import People, Profiles, give_accounts
from tests.browser.processes import running_site
from tests.browser.scenes import until
from tests.world import World

# Playwright keeps an event loop in this thread, and the ORM is used between its calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Bounds on time only tell a hang from an answer: the machine may be doing much else.
HANGS = 400
expect.set_options(timeout=30_000)

LAUNCH = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
            item.add_marker(pytest.mark.timeout(HANGS))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Chromium as `make chromium` found it; without one Playwright's own is tried."""
    found = os.environ.get("SLUICE_CHROMIUM", "")
    return {"args": LAUNCH} | ({"executable_path": found} if found else {})


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("artifacts")


@pytest.fixture(scope="session")
def site_env(
    django_db_setup: None, django_db_blocker: Any, aws_server: AwsSandbox, store: Path
) -> dict[str, str]:
    """What the processes are told: the database, the queues and the AWS of this test run."""
    with django_db_blocker.unblock():
        found = connection.get_connection_params()
    user = (
        f"{found['user']}:{found.get('password', '')}" if found.get("password") else found["user"]
    )
    return {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"postgresql://{user}@{found['host']}:{found['port']}/{found['dbname']}",
        "REDIS_PREFIX": django_settings.REDIS_PREFIX,
        "SLUICE_AWS_ENDPOINT": aws_server.url,
        "ARTIFACT_ROOT": str(store),
    }


@pytest.fixture(scope="session")
def site(
    site_env: dict[str, str],
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The address of a Sluice that runs as in production: three processes."""
    log = tmp_path_factory.mktemp("site") / "log"
    with log.open("w+") as lines, running_site(site_env, lines) as address:
        yield address
    with django_db_blocker.unblock():
        _close_what_they_left()


def _close_what_they_left() -> None:
    """The processes are gone; PostgreSQL notices when it comes to it, and drops no database that
    somebody is connected to."""
    with connection.cursor() as cursor, roles.owner().cursor() as owner:
        mine = [each.connection.info.backend_pid for each in (cursor, owner)]

        def nobody_is_left() -> bool:
            found: list[tuple[bool]] = []
            for each in (cursor, owner):
                each.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = current_user"
                    " AND pid <> ALL(%s)",
                    [mine],
                )
                found += each.fetchall()
            return not found

        until(nobody_is_left, "nobody is connected to the database of the tests")


@pytest.fixture
def artifact_store(settings: Any, store: Path) -> Path:
    """The test and the processes share one store."""
    settings.ARTIFACT_ROOT = store
    settings.STORAGES = settings.STORAGES | {
        "artifacts": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": store},
        }
    }
    return store


@pytest.fixture
def world(world: World, site: str) -> World:
    """The tests' world, in which every role has somebody who can sign in."""
    world.aws.timing.in_progress = 0.1
    give_accounts(world)
    return world


@pytest.fixture(scope="session")
def profiles(browser: Browser) -> Profiles:
    return Profiles(browser)


@pytest.fixture
def sign_in(profiles: Profiles, site: str, world: World) -> Iterator[People]:
    """A browser of one's own for each person. Fails the test on any error of a page's script."""
    people = People(profiles, site)
    yield people
    people.close()
    assert people.errors == []


@pytest.fixture(autouse=True)
def no_faults_left(world: World) -> Iterator[None]:
    """No worker is held for ever by a test that failed."""
    yield
    world.aws.faults.clear()
