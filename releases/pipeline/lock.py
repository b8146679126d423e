"""The function lock: one worker at a time on one function, gone the moment that worker dies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from django.db import connection

from releases.errors import LockLost

# Our half of PostgreSQL's two-part advisory lock keys; the other half is the function's id.
NAMESPACE = 0x51CE
RETRY_SECONDS = 0.05
# A host that vanishes says no goodbye: the two ends find out about each other within this time,
# the server's end too, which frees the lock (it would take two hours by itself).
KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class FunctionLock:
    """A held lock. `check()` before every AWS write and every transition."""

    def __init__(self, session: psycopg.Connection[Any], function_id: int) -> None:
        self._session = session
        self._function_id = function_id

    def check(self) -> None:
        """Raises LockLost if the lock's own connection no longer holds it."""
        held = (
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            " AND granted AND classid = %s AND objid = %s"
        )
        try:
            row = self._session.execute(held, [NAMESPACE, self._function_id]).fetchone()
        except psycopg.Error as error:
            raise LockLost(f"The lock of function {self._function_id} is gone: {error}") from error
        if row is None:
            raise LockLost(f"The lock of function {self._function_id} is no longer held")


@contextmanager
def function_lock(function_id: int, *, patience: float = 0) -> Iterator[FunctionLock | None]:
    """The lock of a function, or None if another worker holds it for `patience` seconds.

    On a connection of its own, never Django's: a pooled connection would keep the lock after
    close(), and a forked one would share it.
    """
    with _connect() as session:
        deadline = time.monotonic() + patience
        while not _try(session, function_id):
            if time.monotonic() >= deadline:
                yield None
                return
            time.sleep(RETRY_SECONDS)
        try:
            yield FunctionLock(session, function_id)
        finally:
            # The server takes note of a closed connection when it comes to it; whoever is next
            # would find the function busy and go away.
            with suppress(psycopg.Error):
                session.execute("SELECT pg_advisory_unlock(%s, %s)", [NAMESPACE, function_id])


def is_free(function_id: int) -> bool:
    """Whether nobody works on this function at this moment. A hint, not a promise."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND classid = %s AND objid = %s)",
            [NAMESPACE, function_id],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _connect() -> psycopg.Connection[Any]:
    parameters = dict(connection.get_connection_params())
    for django_only in ("context", "cursor_factory", "prepare_threshold"):
        parameters.pop(django_only, None)
    parameters |= KEEPALIVES | {"application_name": "sluice function lock"}
    session = psycopg.connect(**parameters, autocommit=True)
    session.execute("; ".join(f"SET tcp_{name} = {value}" for name, value in KEEPALIVES.items()))
    return session


def _try(session: psycopg.Connection[Any], function_id: int) -> bool:
    row = session.execute(
        "SELECT pg_try_advisory_lock(%s, %s)", [NAMESPACE, function_id]
    ).fetchone()
    return bool(row and row[0])
