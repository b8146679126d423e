"""The two roles of the tests' database: its owner, and the application that Django runs as."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from django.db import connection

_owner: psycopg.Connection[Any] | None = None


def become(url: str) -> None:
    """Have Django's connection be of the role that `url` names."""
    role = urlsplit(url)
    connection.close()
    connection.settings_dict["USER"] = unquote(role.username or "")
    connection.settings_dict["PASSWORD"] = unquote(role.password or "")


@contextmanager
def connected_as_owner() -> Iterator[None]:
    """Keep a connection of the owner beside Django's, for as long as the tests run."""
    global _owner
    named = ("host", "port", "dbname", "user", "password")
    params = connection.get_connection_params()
    found = {name: params[name] for name in named if name in params}
    with psycopg.connect(**found, autocommit=True) as _owner:
        yield


def owner() -> psycopg.Connection[Any]:
    assert _owner is not None
    return _owner


@cache
def tables() -> tuple[str, ...]:
    """All but the record of migrations."""
    found = connection.introspection.table_names()
    return tuple(sorted(name for name in found if name != "django_migrations"))


@cache
def columns(table: str) -> str:
    """Those that take a value, comma-separated."""
    found = owner().execute(
        "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns"
        " WHERE table_name = %s AND table_schema = current_schema() AND is_generated = 'NEVER'",
        [table],
    )
    return str((found.fetchone() or [""])[0])


@contextmanager
def past_triggers() -> Iterator[psycopg.Connection[Any]]:
    """A transaction of the owner's in which no trigger runs, those of foreign keys included."""
    with owner().transaction():
        owner().execute("SET LOCAL session_replication_role = replica")
        yield owner()
