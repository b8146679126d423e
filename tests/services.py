"""Pytest plugin: PostgreSQL and Redis for the test run, and nothing of anybody's AWS account.

Loaded by `-p tests.services`, so that all is in the environment before settings are imported.
"""

import atexit
import gc
import os
import secrets
from collections.abc import Generator
from contextlib import ExitStack
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from sandbox.errors import SandboxError
from sandbox.services import services

_running = ExitStack()


# What is imported now stays to the end, so that looking through it for garbage is lost time:
# while it grows, and with every collection afterwards.
gc.disable()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    collected = yield
    gc.freeze()
    gc.enable()
    return collected


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Prepare the environment; xdist's workers inherit the addresses and start nothing."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    # Each process of a run has keys and queues of its own in the Redis that they share.
    os.environ["REDIS_PREFIX"] = f"test-{os.getpid()}"
    try:
        os.environ.update(_running.enter_context(services()))
    except SandboxError as error:
        raise pytest.UsageError(str(error)) from error
    _require_rights(os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"])
    if not os.environ.get("DATABASE_OWNER_URL"):
        os.environ |= _two_roles(os.environ["DATABASE_URL"])


def _require_rights(url: str) -> None:
    """Tests fill and empty tables past their triggers, which an owner may not do by itself."""
    asked = "has_parameter_privilege(current_user, 'session_replication_role', 'SET')"
    with psycopg.connect(url) as owner:
        [may] = owner.execute(f"SELECT {asked}").fetchone() or [False]
        if not may:
            raise pytest.UsageError(
                f"The role {owner.info.user} may not run these tests. Have a superuser of the"
                " database run: GRANT SET ON PARAMETER session_replication_role TO"
                f" {owner.info.user};"
            )


def _two_roles(url: str) -> dict[str, str]:
    """Of a server that is not ours the given role owns the tables; another one uses them."""
    server = urlsplit(url)
    address = server.netloc.rpartition("@")[2]
    role = f"sluice_test_{os.getpid()}"
    _running.callback(_drop_role, url, role)
    return {
        "DATABASE_OWNER_URL": url,
        "DATABASE_URL": server._replace(
            netloc=f"{role}:{secrets.token_hex(24)}@{address}"
        ).geturl(),
    }


def _drop_role(url: str, role: str) -> None:
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_unconfigure() -> Generator[None]:
    yield
    _running.close()


# For a run that ends before it was configured.
atexit.register(_running.close)
