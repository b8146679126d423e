"""Workers for the crash tests, on the test's own database, queue, store and AWS."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection

from sandbox.aws import AwsSandbox
from tests.crash.processes import Zygote
from tests.crash.queue import empty_redis
from tests.crash.scene import Scene
from tests.world import World


@pytest.fixture(scope="session")
def crash_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crash")


@pytest.fixture(scope="session")
def zygote(django_db_setup: None, aws_server: AwsSandbox, crash_store: Path) -> Iterator[Zygote]:
    database = urlsplit(os.environ["DATABASE_URL"])._replace(
        path="/" + str(connection.settings_dict["NAME"])
    )
    environ = dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database.geturl(),
        "REDIS_PREFIX": django_settings.REDIS_PREFIX,
        "ARTIFACT_ROOT": str(crash_store / "artifacts"),
        "SLUICE_AWS_ENDPOINT": aws_server.url,
        "SLUICE_AWS_CALLS_PER_SECOND": "1000",
    }
    started = Zygote(environ, crash_store / "workers.log")
    yield started
    started.close()


@pytest.fixture(autouse=True)
def artifact_store(settings: Any, crash_store: Path) -> Path:
    """The store that the workers use, too."""
    settings.SLUICE_AWS_CALLS_PER_SECOND = 1000
    settings.ARTIFACT_ROOT = crash_store / "artifacts"
    options = {"location": settings.ARTIFACT_ROOT}
    backend = "django.core.files.storage.FileSystemStorage"
    artifacts = {"artifacts": {"BACKEND": backend, "OPTIONS": options}}
    settings.STORAGES = settings.STORAGES | artifacts
    return Path(settings.ARTIFACT_ROOT)


@pytest.fixture
def scene(world: World, zygote: Zygote, artifact_store: Path) -> Iterator[Scene]:
    """A function, and workers to be killed while they release it."""
    # Tests that ran in this process before have left jobs that no worker was there for.
    empty_redis()
    yield Scene(world, zygote)
    world.aws.faults.clear()
    zygote.end_all()
    empty_redis()
    # Packages are never written again, so those of the next test may not be there yet.
    shutil.rmtree(artifact_store, ignore_errors=True)
