"""`manage.py archive_audit --before 2025-01-01 --to DIRECTORY`: as the owner of the tables."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from releases.audit.archive import archive
from releases.errors import SluiceError


class Command(BaseCommand):
    help = "Move the oldest part of the history into a file that can be verified."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--before", type=date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument("--to", type=Path, required=True, metavar="DIRECTORY")

    def handle(self, *args: Any, before: date, to: Path, **options: Any) -> None:
        try:
            event = archive(before=before, to=to)
        except DatabaseError as error:
            raise CommandError(
                f"{error}Nothing was removed: DATABASE_OWNER_URL must name the tables' owner."
            ) from error
        except (SluiceError, OSError) as error:
            raise CommandError(str(error)) from error
        said = event.sentence if event else f"Nothing from before {before} can be archived."
        self.stdout.write(f"{said}.\n" if event else said)
