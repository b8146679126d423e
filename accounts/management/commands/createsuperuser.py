"""Refuses Django's `manage.py createsuperuser`: Sluice has roles, and `manage.py person` adds."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser

from accounts.management.refused import refused


class Command(createsuperuser.Command):
    help = "Refused: manage.py person NAME --role administrator leaves a row in the history."

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"] or "NAME"
        raise refused("make a superuser of", username, "--role administrator")
