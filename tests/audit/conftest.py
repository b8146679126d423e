"""A history to seal, and somebody who has every right in the database to spoil it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from accounts.models import User
from releases.audit import record
from releases.models import AuditEvent

Tamper = Callable[..., None]
TABLES = ("releases_auditevent", "releases_auditseal")


@pytest.fixture
def tamper(owner: psycopg.Connection[Any]) -> Tamper:
    """Run statements as who may switch the triggers off, and on again afterwards."""

    def run(*statements: str) -> None:
        for switch in ("DISABLE", "ENABLE"):
            for table in TABLES:
                owner.execute(f"ALTER TABLE {table} {switch} TRIGGER USER")
            if switch == "DISABLE":
                for statement in statements:
                    owner.execute(statement)

    return run


@pytest.fixture
def events(transactional_db: None, developer: User) -> list[AuditEvent]:
    """Six events, each of a transaction of its own."""
    return [record("person.signed_in", by=developer) for _ in range(6)]
