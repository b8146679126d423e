"""The two roles of the tests' database: its owner, and the application that Django runs as."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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
