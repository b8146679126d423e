"""The two roles of the database: the owner, who migrates, and the application, who runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dj_database_url
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection
from psycopg import errors, sql

from releases.errors import SluiceError

# Rows may be added to them and read, and nothing else.
APPEND_ONLY = ("releases_auditevent", "releases_auditseal")
READ_ONLY = ("django_migrations",)


class NoApplicationRole(SluiceError):
    """The application's role is missing, and the owner may not create it."""


@contextmanager
def as_owner() -> Iterator[None]:
    """Django's connection is for a while that of DATABASE_OWNER_URL, where that is set.

    The one connection, and no second alias: migrations of others write through the first.
    """
    if not settings.DATABASE_OWNER_URL:
        yield
        return
    application = connection.settings_dict
    owner = dj_database_url.parse(settings.DATABASE_OWNER_URL)
    connection.close()
    connection.settings_dict = application | {name: owner[name] for name in ("USER", "PASSWORD")}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = application


def share_tables() -> None:
    """As the owner: let the role of DATABASE_URL use the tables. Raises NoApplicationRole."""
    application = settings.DATABASES[DEFAULT_DB_ALIAS]
    if application["USER"] != connection.settings_dict["USER"]:
        create(application["USER"], application["PASSWORD"])
        grant(application["USER"])


def create(name: str, password: str) -> None:
    """As the owner: create the application's role unless it is there. Raises NoApplicationRole."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchone():
            return
        role = sql.Identifier(name)
        statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password))
        try:
            cursor.connection.execute(statement)
        except errors.DuplicateObject:
            return  # by another migration at this moment
        except errors.InsufficientPrivilege as error:
            raise NoApplicationRole(
                f"There is no database role {name}, which DATABASE_URL names, and the role of"
                f" DATABASE_OWNER_URL may not create it. Have an administrator of the database run:"
                f" CREATE ROLE {role.as_string()} LOGIN PASSWORD '…';"
            ) from error


def grant(name: str) -> None:
    """As the owner: give the application's role what it needs of the tables, and no more."""
    role = sql.Identifier(name)
    # Fewer where somebody migrates back to before the history.
    there = set(connection.introspection.table_names())

    def run(statement: str, *tables: str) -> None:
        named = [sql.Identifier(table) for table in tables if table in there]
        if named or not tables:
            text = sql.SQL(statement).format(role=role, tables=sql.SQL(", ").join(named))
            cursor.connection.execute(text)

    with connection.cursor() as cursor:
        run("GRANT USAGE ON SCHEMA public TO {role}")
        run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        run("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        run("REVOKE ALL ON TABLE {tables} FROM {role}", *APPEND_ONLY, *READ_ONLY)
        run("GRANT SELECT ON TABLE {tables} TO {role}", *APPEND_ONLY, *READ_ONLY)
        run("GRANT INSERT ON TABLE {tables} TO {role}", *APPEND_ONLY)


def may_change_history() -> bool:
    """Whether the role that Django's connection is of could alter, remove or empty the history.

    A member of the owner could, also one that inherits nothing: SET ROLE is all it takes.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(pg_has_role(relowner, 'MEMBER')"
            " OR has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER'))"
            " FROM pg_class WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace",
            [list(APPEND_ONLY)],
        )
        return bool(cursor.fetchone()[0])
