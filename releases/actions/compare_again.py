"""Compare again: try once more what could not be compared with what is live."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from releases import policy, queues
from releases.actions.refusal import refused
from releases.audit import Origin, record
from releases.errors import StaleRelease
from releases.models import Comparison, Release, Round


def compare_again(release: Release, *, by: User, origin: Origin) -> None:
    """Queue the failed comparison of the present round. Raises NotAllowed, StaleRelease."""
    verb = "compare again"
    with refused(verb, release, by=by, origin=origin), transaction.atomic():
        round_ = release.current_round
        policy.require(policy.can_compare_again(by, release, round_))
        assert round_ is not None  # noqa: S101 - the policy has seen to it
        failed = Round.objects.filter(pk=round_.pk, comparison=Comparison.FAILED)
        if not failed.update(comparison=Comparison.WAITING, comparison_problem=""):
            raise StaleRelease("Somebody else had it compared once more a moment ago.")
        record("release.compared_again", by=by, origin=origin, release=release)
        queues.enqueue_comparison(round_.pk)
