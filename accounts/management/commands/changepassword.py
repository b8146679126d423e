"""Refuses Django's `manage.py changepassword`: `manage.py person` does it and says so."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword

from accounts.management.refused import refused


class Command(changepassword.Command):
    help = "Refused: manage.py person NAME --new-password leaves a row in the history."

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"] or getpass.getuser()
        raise refused("change the password of", username, "--new-password")
