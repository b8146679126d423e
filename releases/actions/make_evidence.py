"""Take an evidence pack away: what it covers stays in the history."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from releases import policy
from releases.actions.refusal import recorded_refusal
from releases.audit import Origin, record
from releases.evidence import OfRelease, Pack, Scope, gather


def make_evidence(scope: Scope, *, by: User, origin: Origin) -> Pack:
    """All that is sealed of what `scope` covers. Raises NotAllowed, TooMuch; both are recorded."""
    said: dict[str, Any] = {"by": by, "origin": origin, "covers": scope.words}
    if isinstance(scope, OfRelease):
        said["release"] = scope.release
    with recorded_refusal("audit.pack_refused", **said):
        policy.require(policy.can_export_audit(by))
        pack = gather(scope, only_sealed=True)
    record("audit.pack_made", count=len(pack.events), **said)
    return pack
