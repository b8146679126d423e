"""System checks: what must be configured before Sluice may run."""

from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.management.base import SystemCheckError
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from releases import database_roles

# The comment on the demo's database, and only there.
DEMO_MARK = "Sluice demo data"


@register()
def services_are_configured(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """PostgreSQL and Redis have no default: a guess could be the wrong server."""
    problems: list[CheckMessage] = []
    if not settings.DATABASES["default"].get("NAME"):
        problems.append(
            Error(
                "DATABASE_URL is not set, so there is no database to work on.",
                hint="Set it to postgresql://USER:PASSWORD@HOST/NAME, or try `make demo`.",
                id="sluice.E001",
            )
        )
    if not settings.REDIS_URL:
        problems.append(
            Error(
                "REDIS_URL is not set, so there is no queue to work from.",
                hint="Set it to redis://HOST:6379/0, or try `make demo`.",
                id="sluice.E002",
            )
        )
    return problems


@register(Tags.database)
def no_demo_data(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The demo's database is nobody's production: only the sandbox's settings may use it."""
    if apps.is_installed("sandbox"):
        return []
    return [
        Error(
            "This database was made for the demo and holds made-up data.",
            hint="Point DATABASE_URL at another database.",
            id="sluice.E003",
        )
        for alias in databases or ()
        if is_demo(connections[alias])
    ]


@register(Tags.database)
def history_is_out_of_reach(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """What runs may add to the history and read it, and nothing else."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    if not database_roles.may_change_history():
        return []
    role = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
    return [
        Error(
            f"The database role {role} could change the history.",
            hint="Let DATABASE_URL name a role that owns no table, DATABASE_OWNER_URL the owner,"
            " and run `manage.py migrate` with both: it creates the role and gives it its rights.",
            id="sluice.E004",
        )
    ]


def is_demo(connection: BaseDatabaseWrapper) -> bool:
    """Whether the demo's seeder marked this database as its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname = current_database()"
        )
        return bool(cursor.fetchone() == (DEMO_MARK,))


def refuse_demo_data() -> None:
    """Web, worker and cron call this as they start: Django itself asks only in `migrate`.

    Raises SystemCheckError. A database that cannot be reached is not this function's business.
    """
    with suppress(OperationalError), closing(connections["default"]):
        if problems := no_demo_data(None, ["default"]):
            raise SystemCheckError(str(problems[0]))
