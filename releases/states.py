"""The states of a release, and the one table of moves between them."""

from django.db.models import TextChoices


class Gate(TextChoices):
    """Where a function's approval gate stands."""

    REVIEW_FIRST = "review_first", "Review first"
    STAGE_FIRST = "stage_first", "Stage first"


class ReleaseState(TextChoices):
    DRAFT = "draft", "Draft"
    QUEUED = "queued", "Queued"
    STAGING = "staging", "Staging"
    AWAITING_APPROVAL = "awaiting_approval", "Waiting for approval"
    APPROVED = "approved", "Approved"
    PUBLISHING = "publishing", "Publishing"
    RELEASED = "released", "Released"
    FAILED = "failed", "Failed"
    CONFLICT = "conflict", "Conflict"
    WITHDRAWING = "withdrawing", "Withdrawing"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"


_S = ReleaseState
_BOTH = frozenset(Gate)
_REVIEW = frozenset({Gate.REVIEW_FIRST})
_STAGE = frozenset({Gate.STAGE_FIRST})

# from -> {to: the gate positions in which this move exists}
MOVES: dict[ReleaseState, dict[ReleaseState, frozenset[Gate]]] = {
    _S.DRAFT: {_S.QUEUED: _BOTH, _S.CANCELLED: _BOTH},
    _S.QUEUED: {
        _S.STAGING: _STAGE,
        _S.AWAITING_APPROVAL: _REVIEW,
        _S.FAILED: _BOTH,
        _S.CONFLICT: _BOTH,
        _S.CANCELLED: _BOTH,
        # Its version is live already: an UpdateAlias without answer was done (found by check).
        _S.PUBLISHING: _BOTH,
        # Cancelled while it waits to go through again: what it staged before is put back first.
        _S.WITHDRAWING: _BOTH,
    },
    _S.STAGING: {
        _S.AWAITING_APPROVAL: _STAGE,
        _S.PUBLISHING: _REVIEW,
        _S.FAILED: _BOTH,
        _S.CONFLICT: _BOTH,
    },
    _S.AWAITING_APPROVAL: {_S.APPROVED: _BOTH, _S.WITHDRAWING: _BOTH, _S.CONFLICT: _BOTH},
    _S.APPROVED: {
        _S.PUBLISHING: _STAGE,
        _S.STAGING: _REVIEW,
        _S.AWAITING_APPROVAL: _BOTH,
        _S.WITHDRAWING: _BOTH,
        _S.CONFLICT: _BOTH,
    },
    _S.PUBLISHING: {_S.RELEASED: _BOTH, _S.FAILED: _BOTH, _S.CONFLICT: _BOTH},
    _S.FAILED: {_S.QUEUED: _BOTH, _S.WITHDRAWING: _BOTH},
    _S.CONFLICT: {_S.QUEUED: _BOTH, _S.WITHDRAWING: _BOTH},
    _S.WITHDRAWING: {_S.REJECTED: _BOTH, _S.CANCELLED: _BOTH},
    _S.RELEASED: {},
    _S.REJECTED: {},
    _S.CANCELLED: {},
}

FINAL = frozenset(state for state, moves in MOVES.items() if not moves)
IN_FLIGHT = frozenset(ReleaseState) - FINAL - {_S.DRAFT, _S.QUEUED}
NEEDS_ATTENTION = frozenset({_S.FAILED, _S.CONFLICT})
# States in which the worker has something to do; elsewhere a release waits for people.
WORKING = frozenset({_S.QUEUED, _S.STAGING, _S.APPROVED, _S.PUBLISHING, _S.WITHDRAWING})


def allowed(source: ReleaseState, to: ReleaseState, gate: Gate) -> bool:
    """Whether the table has a move from `source` to `to` where the gate stands at `gate`."""
    return gate in MOVES[source].get(to, frozenset())
