"""The people of the demo: a role each, called after it, and where they sit."""

from __future__ import annotations

import copy
import random
import uuid
from typing import Any

from django.contrib.auth.hashers import get_hasher

from accounts.models import Role, User
from releases.audit import Origin
from sandbox.demo import ACCOUNTS, PASSWORD

ROLES = {
    "developer": Role.DEVELOPER,
    "second-developer": Role.DEVELOPER,
    "manager": Role.RELEASE_MANAGER,
    "second-manager": Role.RELEASE_MANAGER,
    "security": Role.SECURITY,
    "auditor": Role.AUDITOR,
    "admin": Role.ADMINISTRATOR,
}
BROWSERS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari",
)


class People:
    """The accounts by username, and one browser each."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        password = _quick_hash(PASSWORD)
        rows = [User(username=name, role=ROLES[name], password=password) for name in ACCOUNTS]
        self._users = {user.username: user for user in User.objects.bulk_create(rows)}

    def __getitem__(self, username: str) -> User:
        return self._users[username]

    def origin(self, username: str) -> Origin:
        """A new click in this person's browser."""
        number = ACCOUNTS.index(username)
        return Origin(
            address=f"10.20.{number // 3}.{31 + number * 17}",
            user_agent=BROWSERS[number % 2],
            request_id=uuid.UUID(int=self._chance.getrandbits(128), version=4),
        )


def _quick_hash(password: str) -> str:
    """Everybody knows this password, so its hash need not be slow; signing in renews it."""
    hasher: Any = copy.copy(get_hasher())
    hasher.iterations = 1
    return str(hasher.encode(password, hasher.salt()))
