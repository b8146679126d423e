"""The keys that seal the history: from the environment or a file, never from the database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache

from django.conf import settings

from releases.errors import SluiceError

SHORTEST = 32


class NoAuditKey(SluiceError):
    """There is no key to seal or to check with, or it is too short to be one."""


@dataclass(frozen=True)
class Keys:
    """The newest seals; all of them check what was sealed while they were the newest."""

    newest: str
    by_id: dict[str, bytes] = field(repr=False)

    def __getitem__(self, key_id: str) -> bytes:
        """Raises NoAuditKey for a key that is not configured any more."""
        if key_id not in self.by_id:
            raise NoAuditKey(
                f"The key {key_id}, with which a part of the history was sealed, is not in"
                " SLUICE_AUDIT_KEY: give it back its place behind the newest one."
            )
        return self.by_id[key_id]


def audit_keys() -> Keys:
    """As configured: one key, or several with commas or on lines of their own, newest first.

    Raises NoAuditKey.
    """
    return _parsed(settings.SLUICE_AUDIT_KEY)


@lru_cache(maxsize=4)
def _parsed(text: str) -> Keys:
    secrets = text.replace(",", " ").split()
    if not secrets:
        raise NoAuditKey("SLUICE_AUDIT_KEY is not set, so the history cannot be sealed or checked.")
    if any(len(secret) < SHORTEST for secret in secrets):
        raise NoAuditKey(f"A key in SLUICE_AUDIT_KEY has fewer than {SHORTEST} characters.")
    named = {key_id(secret): secret.encode() for secret in secrets}
    return Keys(newest=next(iter(named)), by_id=named)


def key_id(secret: str) -> str:
    """What rows say of the key: enough to find it again, nothing to find it out by."""
    return hashlib.sha256(b"sluice audit key id:" + secret.encode()).hexdigest()[:8]
