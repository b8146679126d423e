"""Who may roll back, hold and resume, and to which versions without a second person."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from releases.aws.types import AliasState
from releases.models import (
    Environment,
    Freeze,
    Function,
    Hold,
    Release,
    Rollback,
    RollbackState,
    Version,
    grants_of,
    role_for,
)
from releases.policy import YES, Decision, by_right, matrix, no, not_now
from releases.states import ReleaseState


def can_hold(user: User, function: Function) -> Decision:
    return by_right(user, matrix.HOLD, function)


def can_resume(user: User, function: Function, hold: Hold | None) -> Decision:
    if hold is None:
        return not_now(f"{function.name} is not on hold, so there is nothing to resume.")
    if Rollback.objects.filter(function=function, state=RollbackState.MOVING).exists():
        return not_now(f"{function.name} is being rolled back at this moment. Let that end first.")
    return can_resume_held(user, function)


def can_resume_held(user: User, function: Function) -> Decision:
    """For lists of what is on hold: the role alone."""
    return by_right(user, matrix.RESUME, function)


def can_roll_back_somehow(user: User, function: Function) -> Decision:
    """The role alone: an alias is moved, and without one the code goes back by a release."""
    return by_right(user, matrix.ROLL_BACK, function)


def can_roll_back(user: User, function: Function) -> Decision:
    """Whether this person may move this function's alias back at all."""
    role = by_right(user, matrix.ROLL_BACK, function)
    if role and not function.live_alias:
        return no(_NO_ALIAS.format(function.name))
    return role


_NO_ALIAS = (
    "{} has no live alias, so there is nothing to move: its callers run $LATEST. Put the code of"
    " an earlier version back with a release."
)


def can_put_back(user: User, function: Function, version: Version | None) -> Decision:
    """For a function whose callers run `$LATEST`: its code goes back by a release."""
    role = by_right(user, matrix.ROLL_BACK, function)
    if not role:
        return role
    if function.live_alias:
        return no(f"{function.name} has a live alias: roll that back, at once.")
    if version is None:
        return no("There is no such version.")
    if version.code_sha256 == function.latest_code_sha256:
        return not_now(f"$LATEST holds the code of v{version.number} already.")
    return YES


def is_live_already(function: Function, number: int, alias: AliasState | None = None) -> bool:
    """Whether all callers run this version: as AWS just said, else as it was read last."""
    if alias is not None:
        return alias.version == str(number) and not alias.weights
    return number == function.live_version and not function.live_weights


def can_roll_back_to(
    user: User, function: Function, version: Version | None, *, is_live: bool | None = None
) -> Decision:
    """`is_live` is what AWS said just now; without it counts what was read last."""
    may = can_roll_back(user, function)
    if not may:
        return may
    if version is None:
        return no("There is no such version.")
    if is_live_already(function, version.number) if is_live is None else is_live:
        return not_now(f"v{version.number} is live already.")
    return YES


def needs_second(function: Function, version: Version) -> str:
    """Why a second person has to agree, as a sentence; empty if one is enough."""
    if function.rules.rollback > 1:
        return f"The policy of {function.name} asks for two release managers to roll back."
    if version.number in trusted_versions(function, [version]):
        return ""
    return (
        f"v{version.number} was never approved here: it was neither released through Sluice nor"
        " live when the function was added. A second release manager has to agree."
    )


def trusted_versions(function: Function, versions: list[Version]) -> set[int]:
    """Which of these were released or rolled to under Sluice, or live when it was adopted.

    Published is not enough: a release that did not get as far as live lost its approvals. Numbers
    of a function that was deleted since say nothing about those of its successor.
    """
    known = {each.number for each in versions if each.was_live_when_added}
    numbers = [each.number for each in versions if each.number not in known]
    released = Release.objects.filter(
        state=ReleaseState.RELEASED, function=function, version_number__in=numbers
    )
    gone_to = Rollback.objects.filter(
        state=RollbackState.DONE, function=function, to_version__in=numbers
    )
    if since := function.made_again_at:
        released = released.filter(finished_at__gt=since)
        gone_to = gone_to.filter(finished_at__gt=since)
    known |= set(gone_to.values_list("to_version", flat=True))
    return known | {number for (number,) in released.values_list("version_number") if number}


def can_freeze(user: User, environment: Environment | None) -> Decision:
    """Of None, all environments."""
    return by_right(user, matrix.FREEZE, environment)


def can_freeze_something(user: User) -> Decision:
    """For the list and the empty form: all environments, or one that they have a role in."""
    for each in grants_of(user):
        if user.is_active and each.environment_id and each.role in matrix.FREEZE.roles:
            return YES
    return can_freeze(user, None)


def can_end_freeze(user: User, freeze: Freeze) -> Decision:
    """Not those whom it keeps waiting: they override it, which needs one approval more."""
    return by_right(user, matrix.LIFT, freeze.environment)


def can_override_freeze(user: User, release: Release) -> Decision:
    waits = release.state in (ReleaseState.AWAITING_APPROVAL, ReleaseState.APPROVED)
    # Half way out it is a worker's, but for those that wait for a time to come.
    half_way = release.state in (ReleaseState.STAGING, ReleaseState.PUBLISHING)
    is_put_off = half_way and release.due_at is not None and release.due_at > timezone.now()
    if not (waits or is_put_off):
        state = ReleaseState(release.state).label.lower()
        return not_now(f"{release.reference} waits for no freeze to end: it is {state}.")
    return by_right(user, matrix.OVERRIDE, release.function)


def can_second(user: User, rollback: Rollback) -> Decision:
    if rollback.state != RollbackState.WAITING:
        return not_now(f"This rollback waits for nobody: {rollback.get_state_display().lower()}.")
    if user.pk == rollback.requested_by_id:
        return no("You asked for this rollback, so somebody else has to agree.")
    asked = rollback.requested_by
    if not asked.is_active or role_for(asked, rollback.function) not in matrix.ROLL_BACK.roles:
        return no(
            f"{asked.name}, who asked for it, is no release manager any more. Withdraw it, and ask"
            " for it anew."
        )
    role = by_right(user, matrix.ROLL_BACK, rollback.function, "agree to a rollback")
    return not_now(_asked_of_another(rollback)) if role and is_outdated(rollback) else role


def is_outdated(rollback: Rollback) -> bool:
    """Whether something else is live than when it was asked for."""
    return rollback.from_version != rollback.function.live_version


def _asked_of_another(rollback: Rollback) -> str:
    was, now = (
        f"v{number}" if number else "no version"
        for number in (rollback.from_version, rollback.function.live_version)
    )
    return (
        f"{rollback.requested_by.name} asked while {was} was live, and {now} is live now. Withdraw"
        " it, and ask for it anew if it is still wanted."
    )


def can_withdraw_rollback(user: User, rollback: Rollback) -> Decision:
    if rollback.state != RollbackState.WAITING:
        return not_now(f"This rollback waits for nobody: {rollback.get_state_display().lower()}.")
    return by_right(user, matrix.ROLL_BACK, rollback.function, "withdraw a rollback")


def can_try_again(user: User, rollback: Rollback) -> Decision:
    if rollback.state != RollbackState.MOVING:
        return not_now(f"This rollback has ended: {rollback.get_state_display().lower()}.")
    return by_right(user, matrix.ROLL_BACK, rollback.function, "roll back")
