"""`manage.py migrate`: as the owner of the tables, who then lets the application use them."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate

from releases import database_roles


class Command(Migrate):
    help = "Updates the tables and what the application may do with them, and makes cache tables."

    def handle(self, *args: Any, **options: Any) -> None:
        with database_roles.as_owner():
            super().handle(*args, **options)
            if options["check_unapplied"] or options["plan"]:
                return
            call_command("createcachetable", verbosity=options["verbosity"])
            try:
                database_roles.share_tables()
            except database_roles.NoApplicationRole as error:
                raise CommandError(str(error)) from error
