"""`manage.py person NAME`: make an account, change its role, or give it a new password."""

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Role, User
from accounts.people import give_password, save_person
from releases.errors import NotAllowed


class Command(BaseCommand):
    help = "Make an account, change its role or give it a new password, which is asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--role", choices=Role.values)
        what.add_argument("--new-password", action="store_true", help="and sign out everywhere")
        parser.add_argument("--deactivate", action="store_true", help="nobody can sign in as it")

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"]
        person = User.objects.filter(username=username).first()
        if options["new_password"]:
            if options["deactivate"]:
                raise CommandError("--deactivate goes with --role: run one after the other.")
            if person is None:
                raise CommandError(f"There is no account {username}: make it with --role.")
            give_password(person, _new_password(person))
            self.stdout.write(f"{username} has a new password, and is signed out everywhere.")
            return
        role = Role(options["role"])
        if person is None:
            person = User(username=username)
            person.set_password(_new_password(person))
        try:
            save_person(person, role=role, is_active=not options["deactivate"])
        except NotAllowed as error:
            raise CommandError(f"{error} Nothing was changed.") from error
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
