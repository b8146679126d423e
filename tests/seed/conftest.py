"""The demo's data, seeded once for all tests of this folder; they only look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import override_settings

from releases.aws import client as aws_client
from releases.database_roles import as_owner
from sandbox import marker
from sandbox.aws import AwsSandbox
from sandbox.seed import seed


@pytest.fixture(scope="package")
def artifact_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One store for the folder, instead of one for each test."""
    root = tmp_path_factory.mktemp("artifacts")
    backend = "django.core.files.storage.FileSystemStorage"
    store = {"artifacts": {"BACKEND": backend, "OPTIONS": {"location": root}}}
    with override_settings(ARTIFACT_ROOT=root, STORAGES=settings.STORAGES | store):
        yield root


@pytest.fixture(scope="package", autouse=True)
def seeded(
    django_db_setup: None, django_db_blocker: Any, aws_server: AwsSandbox, artifact_store: Path
) -> Iterator[AwsSandbox]:
    """Seeded once; tests only look."""
    aws_client.forget_clients()
    with (
        django_db_blocker.unblock(),
        override_settings(SLUICE_AWS_ENDPOINT=aws_server.url),
    ):
        with as_owner():
            marker.write(connection)
        seed()
        yield aws_server
        with as_owner():
            marker.write(connection, "")
        TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]
    aws_server.reset()
    aws_client.forget_clients()
