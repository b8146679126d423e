"""What Django brings and Sluice does another way: refused, with a row and what to run instead."""

from django.core.management.base import CommandError

from releases.audit import record

REASON = "It would leave no row in the history."


def refused(verb: str, username: str, instead: str) -> CommandError:
    record("person.change_refused", by=None, could_not="could not", verb=verb, person=username,
           reason=REASON)  # fmt: skip
    return CommandError(f"{REASON} Nothing was changed. Run: manage.py person {username} {instead}")
