"""`manage.py person NAME --role ROLE`: make an account, or change one."""

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Role, User
from accounts.people import save_person


class Command(BaseCommand):
    help = "Make an account, or change the role of one. Asks for the password of a new account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=Role.values, required=True)
        parser.add_argument("--deactivate", action="store_true", help="nobody can sign in as it")

    def handle(self, *args: Any, **options: Any) -> None:
        username, role = options["username"], Role(options["role"])
        person = User.objects.filter(username=username).first()
        if person is None:
            person = User(username=username)
            person.set_password(_new_password(person))
        save_person(person, role=role, is_active=not options["deactivate"])
        state = "active" if person.is_active else "deactivated"
        self.stdout.write(f"{username} is {role.label.lower()}, {state}.")


def _new_password(person: User) -> str:
    """From the terminal, twice; from a pipe, one line."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Password again: ") != password:
            raise CommandError("The two passwords differ; nothing was changed.")
    else:
        password = sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return password
