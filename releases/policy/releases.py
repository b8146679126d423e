"""Who may steer a release that was requested: its requester, or a release manager."""

from __future__ import annotations

from accounts.models import User
from releases.models import CodeComparison, Comparison, Release, Round
from releases.policy import matrix
from releases.policy.decision import Decision, by_right, no, not_now
from releases.policy.functions import can_create_release
from releases.states import FINAL, IN_FLIGHT, Gate, ReleaseState


def _owner_or_manager(user: User, release: Release, verb: str) -> Decision:
    if user.pk == release.requested_by_id:
        return by_right(user, matrix.REQUEST, release.function, verb)
    return by_right(user, matrix.STEER, release.function, f"or its requester {verb}")


def can_cancel(user: User, release: Release) -> Decision:
    cancellable = (IN_FLIGHT | {ReleaseState.QUEUED, ReleaseState.DRAFT}) - {
        ReleaseState.STAGING,
        ReleaseState.PUBLISHING,
        ReleaseState.WITHDRAWING,
    }
    if release.state not in cancellable:
        state = ReleaseState(release.state).label.lower()
        return not_now(f"{release.reference} cannot be cancelled while it is {state}.")
    return _owner_or_manager(user, release, "cancel it")


def can_request_draft(user: User, release: Release) -> Decision:
    if release.state != ReleaseState.DRAFT:
        return no(f"{release.reference} is no draft any more.")
    if user.pk != release.requested_by_id:
        return no(f"Only {release.requested_by.name}, whose draft this is, can request it.")
    return can_create_release(user, release.function)


# Not approved yet, and not at work either: what a newer release may take the place of.
SUPERSEDABLE = frozenset(
    {
        ReleaseState.QUEUED,
        ReleaseState.AWAITING_APPROVAL,
        ReleaseState.FAILED,
        ReleaseState.CONFLICT,
    }
)


def can_supersede(user: User, release: Release, older: Release) -> Decision:
    """Whoever may cancel the older one may let a newer one of its queue take its place."""
    if release.state != ReleaseState.QUEUED:
        state = ReleaseState(release.state).label.lower()
        return no(f"{release.reference} does not wait in the queue any more: it is {state}.")
    if older.function_id != release.function_id or older.pk >= release.pk:
        return no("Only an older release of the same function can be superseded.")
    if older.state not in SUPERSEDABLE:
        state = ReleaseState(older.state).label.lower()
        return no(f"{older.reference} cannot be superseded any more: it is {state}.")
    return can_cancel(user, older)


def can_reschedule(user: User, release: Release) -> Decision:
    """Until publishing starts; where review comes first, that is when staging does."""
    begun = {ReleaseState.PUBLISHING, ReleaseState.WITHDRAWING} | FINAL
    if release.gate == Gate.REVIEW_FIRST:
        begun |= {ReleaseState.STAGING}
    if release.state in begun:
        state = ReleaseState(release.state).label.lower()
        return no(f"{release.reference} cannot be rescheduled any more: it is {state}.")
    return _owner_or_manager(user, release, "reschedule it")


def can_retry(user: User, release: Release) -> Decision:
    if release.state != ReleaseState.FAILED:
        return not_now(f"{release.reference} has not failed, so there is nothing to retry.")
    return _owner_or_manager(user, release, "retry it")


def can_resolve_conflict(user: User, release: Release) -> Decision:
    if release.state != ReleaseState.CONFLICT:
        return not_now(f"{release.reference} is not in conflict.")
    return _owner_or_manager(user, release, "resolve its conflict")


def can_compare_again(user: User, release: Release, round_: Round | None) -> Decision:
    if round_ is None or round_.comparison != Comparison.FAILED:
        return no(f"{release.reference} has no comparison that failed.")
    return by_right(user, matrix.COMPARE, release.function, "have a release compared once more")


def can_compare_code_again(user: User, row: CodeComparison) -> Decision:
    if row.comparison != Comparison.FAILED:
        return not_now("This comparison has not failed, so there is nothing to try again.")
    return by_right(user, matrix.COMPARE, row.function)


def can_stage_again(user: User, release: Release) -> Decision:
    may = can_resolve_conflict(user, release)
    if may and release.artifact_id is None:
        return no(
            f"{release.reference} has no package of its own to stage."
            " Adopt what is in AWS and review it, or cancel."
        )
    return may
