"""What a person may be called: the history tells people apart by it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from accounts.models import User
from releases.audit import SYSTEM
from releases.errors import InvalidInput
from releases.packages.spelling import misleads, spelled

LONGEST_NAME = 150


def check_username(username: str) -> str:
    """A username that nobody has, whatever its case. Raises InvalidInput."""
    if User.objects.filter(username__iexact=username).exists():
        raise InvalidInput(f"There is somebody called {username} already.", field="username")
    return username


def check_name(name: str, *, promised: Iterable[str] = ()) -> str:
    """A name that looks like what it is and like nobody else's. Raises InvalidInput.

    `promised` are names of people who are to come.
    """
    shown = " ".join(name.split())
    if not shown:
        raise InvalidInput("Say what they are called.", field="name")
    if len(shown) > LONGEST_NAME:
        raise InvalidInput(f"A name has at most {LONGEST_NAME} characters.", field="name")
    # Control and format characters: they could turn a line of the history around.
    if any(unicodedata.category(each).startswith("C") for each in shown):
        raise InvalidInput("A name has no invisible characters.", field="name")
    if _looks_like(shown) == _looks_like(SYSTEM):
        raise InvalidInput(f"{SYSTEM} is what the history calls itself.", field="name")
    people = User.objects.only("username", "first_name", "last_name")
    taken = {_looks_like(each) for each in (*promised, *(person.name for person in people))}
    if _looks_like(shown) in taken:
        raise InvalidInput(f"There is a {shown} already; add what tells them apart.", field="name")
    if misleads(shown):
        raise InvalidInput(
            f"Letters of this name look like others: {spelled(shown)}. Write it without them.",
            field="name",
        )
    return shown


def _looks_like(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
