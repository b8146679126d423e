"""Where the chain begins: at number 1, or behind what was archived, as only the key could say."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from releases.audit import chain
from releases.audit.keys import Keys
from releases.models import AuditEvent

ARCHIVED = "audit.archived"
# What the archiving says of itself, in its event.
SAID = ("number", "link", "first", "file", "sha256", "reached")


@dataclass(frozen=True)
class Beginning:
    """`number` and `link` of the last seal that is not in the database any more.

    `reached`: by cluster, transaction and event of the last of its seals among those.
    """

    number: int = 0
    link: bytes = chain.GENESIS
    reached: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def beginning(keys: Keys | None = None) -> Beginning:
    """By the newest event of an archiving; with `keys`, by the newest that their holder made.

    Whoever may write events could else cut the beginning off and say that it was archived.
    """
    for event in AuditEvent.objects.filter(action=ARCHIVED).order_by("-pk"):
        with suppress(KeyError, TypeError, ValueError):
            said = event.data
            if keys is None or _is_genuine(keys, said):
                return _read(said)
    return Beginning()


def _read(said: Mapping[str, Any]) -> Beginning:
    """Raises KeyError, TypeError or ValueError for what no archiving wrote."""
    reached = {int(cluster): (int(xid), int(pk)) for cluster, xid, pk in said["reached"]}
    return Beginning(int(said["number"]), bytes.fromhex(said["link"]), reached)


def signature(key: bytes, said: Mapping[str, Any]) -> str:
    text = json.dumps([said[name] for name in SAID])
    return hmac.digest(key, b"archived:" + text.encode(), "sha256").hex()


def _is_genuine(keys: Keys, said: Mapping[str, Any]) -> bool:
    key = keys.by_id.get(str(said.get("key_id")))
    return key is not None and hmac.compare_digest(signature(key, said), said.get("signature", ""))
